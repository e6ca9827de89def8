"""The settings: what they refuse, and what they never say."""
