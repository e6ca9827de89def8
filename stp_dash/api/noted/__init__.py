"""What people and the catalogue note about figures, as tables: events and plans."""
