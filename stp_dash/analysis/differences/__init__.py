"""Figures in two states of the data: which differ and how, and the table that lists them."""
