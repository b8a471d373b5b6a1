"""mapping.toml: which column of which raw file is which of ours, without SQL."""
