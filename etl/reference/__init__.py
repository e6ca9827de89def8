"""Reference data made from others' files: organisations, former CCGs and outlines of areas."""
