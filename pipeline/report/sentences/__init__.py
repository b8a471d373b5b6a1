"""What rows say in words where no question has words of its own: measures, controls, groups, and any row."""
