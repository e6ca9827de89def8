"""The loading half: published files into the store, once by command or for good as a service."""
