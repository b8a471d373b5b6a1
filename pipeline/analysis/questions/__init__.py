"""One module per question of the fifteen, and the parts it alone needs."""
