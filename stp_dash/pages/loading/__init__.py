"""Loading: how far the first filling of a store has come, and what can be read already."""
