"""Staffing: posts short of England's rate, by area and over time."""
