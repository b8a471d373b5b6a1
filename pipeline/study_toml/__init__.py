"""study.toml read and checked: every slip is told by its key, and nothing written there is silently ignored."""
