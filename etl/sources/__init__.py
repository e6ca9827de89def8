"""One package a publisher, each with pure `discover`, `recognise` and `parse`."""
