"""The read API below /api/v1: what pages show, as JSON and CSV, with its description and its own page."""
