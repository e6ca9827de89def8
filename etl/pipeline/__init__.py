"""A refresh from discovery to the store: fetch, keep, recognise, check, roll up, load or hold, and back-fill."""
