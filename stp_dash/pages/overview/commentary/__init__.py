"""What those responsible say of the area's figures, folded below the scorecard."""
