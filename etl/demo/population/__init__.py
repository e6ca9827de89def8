"""The demonstration publisher of mid-year estimates."""
