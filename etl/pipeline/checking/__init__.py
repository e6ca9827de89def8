"""Files that somebody gave, checked before they are loaded: beside what stands, and beside each other."""
