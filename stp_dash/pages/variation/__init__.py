"""Variation: every organisation of a kind in one period."""
