"""Measures of an organisation's own: definitions, checked files, submissions. In tables that no public query reads."""
