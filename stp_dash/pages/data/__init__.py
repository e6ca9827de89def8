"""Data: what stands behind an indicator's numbers."""
