"""The demonstration publisher of general practice workforce."""
