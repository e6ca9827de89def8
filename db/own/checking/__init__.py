"""What is checked of a file of own measures before anything is stored: lines, keys, periods, figures, targets."""
