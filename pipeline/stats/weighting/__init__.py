"""Making arms comparable: weights, balance, adjusted means, the unmeasured, control outcomes."""
