"""Where the words of a chart stand: pure geometry of boxes, marks, lines and leaders, for every kind of chart."""
