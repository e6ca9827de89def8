"""Invented emergency admissions of the NHS Outcomes Framework."""
