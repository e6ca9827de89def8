"""E-mails to readers who asked: what stands in one, how it is written, sent, asked for and stopped."""
