"""Whom an effect is about: strata, smooth curves along severity, and where comparable people exist."""
