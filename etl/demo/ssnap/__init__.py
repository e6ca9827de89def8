"""The demonstration publisher of the stroke audit."""
