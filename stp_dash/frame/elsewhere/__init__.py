"""What other sites show of a page: its cards, in frames of theirs."""
