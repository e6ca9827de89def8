"""What pages say of figures: typed facts in, a claim out. Each claim names the facts that it rests on."""
