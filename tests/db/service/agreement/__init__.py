"""Our figures beside what other publications state of the same."""
