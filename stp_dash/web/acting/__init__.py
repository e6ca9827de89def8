"""How what signed-in people do is read from their forms, and how it is answered."""
