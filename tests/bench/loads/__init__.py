"""What happens while a run loads: to others, and to what is killed."""
