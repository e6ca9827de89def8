"""Plans on a trend: the card beside the chart, the forms, and what is done with them."""
