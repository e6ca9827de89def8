"""The trend chart as it is drawn in the browser: its figure, the points it takes, its lines and its labels."""
