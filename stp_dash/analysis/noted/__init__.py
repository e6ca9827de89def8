"""What people and the catalogue note about series: events, and plans."""
