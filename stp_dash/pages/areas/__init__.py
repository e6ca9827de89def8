"""Areas beside each other: each integrated care board on several indicators, and where ours stands among them."""
