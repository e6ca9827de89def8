"""What people say of a trend: the card that readers see, the form that it is written in, and what the form sends."""
