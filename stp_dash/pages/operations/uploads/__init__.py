"""Files that an operator holds: taken in, checked, and loaded or discarded."""
