"""How a file's canonical frame comes into the store, and how it is undone: the only writers of observations."""
