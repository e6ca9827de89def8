"""A pack written down: a PDF, slides or a workbook. Here nothing is read from the store, and nothing is computed."""
