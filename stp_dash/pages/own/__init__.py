"""Measures of one's own, for people who are signed in: the list, each measure's page, and the forms behind them."""
