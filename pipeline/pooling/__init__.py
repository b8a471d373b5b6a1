"""Organizations that share no rows: each shares its released differences, and the pool says what they say together."""
