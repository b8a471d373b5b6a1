"""One adjusted comparison: fitted, checked, put through the gate, and its limits read as a verdict."""
