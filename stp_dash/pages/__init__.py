"""The pages: one package each, independent of each other, over the frame that they share."""
