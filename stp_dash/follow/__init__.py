"""What comes to readers: news of the figures, as feeds, a calendar, e-mails and messages to teams."""
