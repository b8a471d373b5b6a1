"""What is true of a draw, question by question."""
