"""A folder of sources as `etl.sources` is one, for the test that follows `docs/adding-a-source.md`."""
