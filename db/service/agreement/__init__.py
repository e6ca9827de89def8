"""Our own figures beside those that another publication states of the same: what agrees, and what does not."""
