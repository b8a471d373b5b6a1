"""Means of skewed costs, adjusted costs and the plane of cost and effect."""
