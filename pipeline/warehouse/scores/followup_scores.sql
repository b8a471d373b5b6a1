-- followup_scores: the score of each outcome at its fixed day after the start
-- grain: one row per episode_id and outcome
-- weakness: whoever was not asked again has no row, and they are not like the others
SELECT episode_id, outcome, followup_score, followup_day
FROM followup_scores_by_choice
WHERE varied = ''
