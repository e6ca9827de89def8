"""What the refresh service keeps in the store: runs, queue, lease, schedules, incidents, held files and operators."""
