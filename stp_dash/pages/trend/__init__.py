"""Trend: one organisation over time under process limits."""
