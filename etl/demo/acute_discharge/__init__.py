"""An invented acute discharge situation report, published as the real one is."""
