"""Many scores of one person: mixed models, trajectories, and scores put on one scale."""
