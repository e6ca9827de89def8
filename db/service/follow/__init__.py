"""What comes to readers: news as they were told, who asked for them, and what was sent."""
