"""Packs that were issued: their list, their documents as they were, what would differ now, and how they are issued."""
