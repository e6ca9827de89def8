"""What changes whom a whole page is about."""
