"""Stores that take long to build: made once for a whole run of the tests, whichever of its processes asks first."""
