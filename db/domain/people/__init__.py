"""Who may change what here, and what people write beside the figures. Standard library only."""
