"""Subnational projections: the residents that the trends of one year would lead to. Its files, and their table."""
