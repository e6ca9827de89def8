"""The refresh service: the scheduler, the runs at work under it, their processes and the messages."""
