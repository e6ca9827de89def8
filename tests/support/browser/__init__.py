"""What tests of pages in a real browser share: visits, states of pages, and axe."""
