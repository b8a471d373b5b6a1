"""The measure library: instruments, level-of-care codes and published figures, as data."""
