-- later_scores: the score of each outcome half a year after the start
-- grain: one row per episode_id and outcome
-- weakness: whoever was not asked again has no row, and half of those reached before are not reached by then
--
-- The score nearest later_look.at_day within its window, the earlier on ties; in the recall variant of the baseline.
WITH candidates AS (
    SELECT episode.episode_id, outcome.outcome, look.at_day, score.score,
           days_between(episode.start_day, score.assessed_day) AS day
    FROM index_episodes AS episode
    CROSS JOIN outcome_definition AS outcome
    CROSS JOIN later_look AS look
    JOIN baseline_scores AS baseline
      ON baseline.episode_id = episode.episode_id AND baseline.outcome = outcome.outcome
    JOIN staging.assessments AS score
      ON score.patient_id = episode.patient_id AND score.instrument_id = outcome.instrument_id AND score.subscale = ''
     AND days_between(episode.start_day, score.assessed_day) BETWEEN look.window_from AND look.window_to
    WHERE COALESCE(baseline.recall_variant, '') = COALESCE(score.recall_variant, '')
),
ordered AS (
    SELECT candidates.*,
           ROW_NUMBER() OVER (PARTITION BY episode_id, outcome ORDER BY ABS(day - at_day) NULLS LAST, day NULLS LAST) AS place
    FROM candidates
)
SELECT episode_id, outcome, score AS later_score, day AS later_day
FROM ordered
WHERE place = 1
