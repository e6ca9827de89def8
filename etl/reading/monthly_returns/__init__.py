"""What NHS England's monthly returns of waits have in common: their pages, dates, labels and places."""
