"""What pages and people read of the figures: observations, holdings, provenance, changes and recorded decisions."""
