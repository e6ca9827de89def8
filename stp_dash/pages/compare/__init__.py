"""Two data versions beside each other: which figures of the area, or of one organisation, differ between them."""
