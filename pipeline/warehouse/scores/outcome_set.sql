-- outcome_set: each outcome of each person of the analysis set, measured or not, by the study's own choices
-- grain: one row per episode_id and outcome
-- weakness: an outcome is observed only where somebody measured it
SELECT episode_id, outcome, baseline_score, baseline_day, followup_score, followup_day, raw_change, improvement, observable, observed,
       reliably_improved, reliably_deteriorated, not_improvable
FROM outcome_set_by_choice
WHERE varied = ''
