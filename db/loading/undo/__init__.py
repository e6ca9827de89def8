"""Files taken out of the figures and put back: what would stand without them, and the change to the store."""
