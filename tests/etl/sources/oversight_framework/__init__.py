"""The NHS Oversight Framework's files."""
