"""Charts with hover and labels, as plain dictionaries that plotly draws."""
