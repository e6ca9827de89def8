"""`python -m etl team`: the teams that are told what is new."""
