"""The overview: whether the area meets its standards, what needs attention and what changed."""
