"""Made-up files of the publishers, and a publisher that fails: what tests read instead of the network."""
