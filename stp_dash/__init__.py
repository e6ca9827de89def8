"""The reading half: the site that shows whether standards are met."""
