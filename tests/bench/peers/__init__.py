"""Programs of the peers that are measured against, run in an environment of their own."""
