"""A study folder of drawn records, its study.toml and its answers, as files."""
