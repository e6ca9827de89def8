"""How alike organisations are: which published characteristics say it of each kind."""
