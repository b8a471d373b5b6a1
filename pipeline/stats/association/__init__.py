"""What goes together without a claim of cause: correlations, mixes that add up to one, regression."""
