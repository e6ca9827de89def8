"""The NHS Outcomes Framework."""
