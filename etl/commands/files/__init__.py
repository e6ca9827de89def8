"""Files by themselves: those that were loaded, undone and put back, and those that are held."""
