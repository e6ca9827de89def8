"""Operations: how fresh each source is, what ran, and what an operator can do."""
