"""What every page stands in: its request, its cache, its shell, figure cards, downloads and empty states."""
