"""Areas through mergers and splits: where a line is joined, where it is parted, and why it has no figure."""
