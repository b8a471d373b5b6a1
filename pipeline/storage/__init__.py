"""Files that others may read or write at the same time: private, whole or not there, one writer at a time."""
