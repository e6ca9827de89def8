"""Bytes of workbooks and text to cells, within bounds, for whoever is handed a file."""
