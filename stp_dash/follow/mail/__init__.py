"""E-mails to readers who asked, and messages to teams: what stands in one, how it is written, sent and stopped."""
