"""Synthetic records with a known truth: one process draws the people for the files, for the truth and for simulation
studies."""
