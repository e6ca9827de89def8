"""The Case for Change, tracked: each challenge that was named for the area, beside what is published of it today."""
