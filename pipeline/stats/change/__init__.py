"""Change of one score: how large, and whether it is reliable."""
