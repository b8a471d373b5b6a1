"""Asks every question, here or in workers, keeps answers that cannot have changed, and writes results."""
