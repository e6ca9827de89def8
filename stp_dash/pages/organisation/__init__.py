"""Organisations: the search, and each one's profile."""
