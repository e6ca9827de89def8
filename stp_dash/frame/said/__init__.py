"""What people said of figures, held against the figures as they are now."""
