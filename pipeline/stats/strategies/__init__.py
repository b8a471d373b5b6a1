"""Strategies that begin after day 0: clones, censoring weights and the risks under each strategy."""
