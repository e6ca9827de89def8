"""Whom an organisation is likened to: its nearest neighbours, read from the store."""
