"""Mid-year estimates of the population: made-up files of each layout, and the published ones."""
