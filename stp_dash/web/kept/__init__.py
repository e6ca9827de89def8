"""Pages as they are sent, kept for as long as the data, the day and what is asked are the same."""
