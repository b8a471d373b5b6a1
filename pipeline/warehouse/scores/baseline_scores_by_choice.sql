-- baseline_scores_by_choice: the score of each outcome at the start of the index episode, under each way of choosing it
-- grain: one row per episode_id, outcome and varied
-- weakness: measured, never filled in; people without a score in the window have no row
--
-- varied is empty for the study's own choice.  The score nearest day 0 within the baseline window, the earlier on ties.
WITH candidates AS (
    SELECT episode.episode_id, outcome.outcome, outcome.varied, score.score, score.recall_variant,
           days_between(episode.start_day, score.assessed_day) AS day
    FROM index_episodes AS episode
    CROSS JOIN scoring AS outcome
    JOIN staging.assessments AS score
      ON score.patient_id = episode.patient_id AND score.instrument_id = outcome.instrument_id AND score.subscale = ''
     AND days_between(episode.start_day, score.assessed_day) BETWEEN outcome.baseline_from AND outcome.baseline_to
),
ordered AS (
    SELECT candidates.*,
           ROW_NUMBER() OVER (PARTITION BY episode_id, outcome, varied ORDER BY ABS(day) NULLS LAST, day NULLS LAST) AS place
    FROM candidates
)
SELECT episode_id, outcome, varied, score AS baseline_score, day AS baseline_day, recall_variant
FROM ordered
WHERE place = 1
