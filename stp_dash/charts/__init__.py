"""Charts, as plain dictionaries that plotly draws or as SVG text. They draw; they compute no statistic."""
