"""Areas put together from the catalogue."""
