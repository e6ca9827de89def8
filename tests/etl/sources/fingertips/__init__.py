"""Public health profiles: layouts with small made-up files, and the published files."""
