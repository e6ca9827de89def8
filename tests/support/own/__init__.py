"""Measures of an invented trust's own, and files of their figures."""
