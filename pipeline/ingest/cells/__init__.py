"""What a cell may hold: words for missing, codes in one spelling, numbers and days of another shape."""
