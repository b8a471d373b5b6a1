"""One figure per file: released rows in, one accessible SVG out."""
