"""What a cell, a column of cells, and a column's name look like: judged on text alone, without a database."""
