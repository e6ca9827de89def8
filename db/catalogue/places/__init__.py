"""What organisations are called in little room, which codes their areas bear at the ONS, and where their tiles lie."""
