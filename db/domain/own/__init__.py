"""Measures of an organisation's own, which no publisher prints: what they are, their units, targets and figures."""
