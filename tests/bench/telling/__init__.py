"""How much is told to those who follow."""
