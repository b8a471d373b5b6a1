"""What figures are drawn with: the canvas, lines with gaps, and cells."""
