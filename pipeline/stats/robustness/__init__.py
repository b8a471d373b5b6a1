"""How much it would take to overturn an answer, and from limits to a verdict."""
