"""Change of one score beside what equally severe people showed elsewhere."""
