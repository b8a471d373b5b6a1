-- baseline_scores: the score of each outcome at the start of the index episode
-- grain: one row per episode_id and outcome
-- weakness: measured, never filled in; people without a score in the window have no row
SELECT episode_id, outcome, baseline_score, baseline_day, recall_variant
FROM baseline_scores_by_choice
WHERE varied = ''
