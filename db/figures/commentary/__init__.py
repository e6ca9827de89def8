"""What people say of figures: read for pages, packs and programs, and written revision by revision."""
