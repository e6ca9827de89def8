"""Outlines of areas: from a boundary file of the ONS to rings that a page can draw."""
