"""A page's package as `stp_dash.pages` has them, for the test that follows `docs/adding-a-page.md`."""
