"""Invented delayed transfers of care, published as the real ones were."""
