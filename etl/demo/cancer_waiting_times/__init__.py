"""The demonstration publisher of cancer waiting times."""
