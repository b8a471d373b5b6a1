"""Series and sites watched over time: control charts, funnels and cluster-aware ratios."""
