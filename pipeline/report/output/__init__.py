"""Pages, spreadsheets, the index and the trace of one number, as files."""
