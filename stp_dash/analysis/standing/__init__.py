"""Where a figure stands: against its standard, against its comparator, and among all of its kind."""
