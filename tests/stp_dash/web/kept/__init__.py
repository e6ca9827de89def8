"""Tests of what pages are kept as, and of who gets them."""
