"""What exports call files, columns and words: for drafts, known words and new names."""
