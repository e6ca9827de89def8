"""Readers that every source shares: spreadsheets, zip files, links and periods."""
