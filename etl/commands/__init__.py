"""The commands of `python -m etl`: one module a group of commands, and what they print alike."""
