"""What people and the catalogue add to a trend: events on its chart, restarts of limits, and the forms for them."""
