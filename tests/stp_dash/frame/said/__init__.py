"""What other sites and programs show of a page."""
