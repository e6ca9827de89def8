"""The floor of both halves: nouns, the catalogue, the store, and what is loaded, read and recorded there."""
