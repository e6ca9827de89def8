"""Benchmarks of sources whose files are large."""
