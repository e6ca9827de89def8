"""What people added beside the figures, as it comes to readers."""
