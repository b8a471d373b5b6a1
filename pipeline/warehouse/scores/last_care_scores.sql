-- last_care_scores: the last score of each outcome taken during the first course of care
-- grain: one row per episode_id and outcome
-- weakness: taken at different times at different levels, and only from those who stayed to be asked
--
-- After day 1 and to a week after the last contact without a silence.  Never an outcome of a comparison: it stands beside
-- one to show what the usual discharge score would have said, and helps to fill in what was not measured later.
WITH candidates AS (
    SELECT episode.episode_id, outcome.outcome, outcome.higher_is, score.score,
           days_between(episode.start_day, score.assessed_day) AS day
    FROM index_episodes AS episode
    CROSS JOIN outcome_definition AS outcome
    JOIN retention_set AS care ON care.episode_id = episode.episode_id
    JOIN staging.assessments AS score
      ON score.patient_id = episode.patient_id AND score.instrument_id = outcome.instrument_id AND score.subscale = ''
     AND days_between(episode.start_day, score.assessed_day) > 1
     AND days_between(episode.start_day, score.assessed_day) <= care.last_contact + 7
    LEFT JOIN baseline_scores AS baseline ON baseline.episode_id = episode.episode_id AND baseline.outcome = outcome.outcome
    WHERE baseline.episode_id IS NULL OR COALESCE(baseline.recall_variant, '') = COALESCE(score.recall_variant, '')
),
ordered AS (
    SELECT candidates.*, ROW_NUMBER() OVER (PARTITION BY episode_id, outcome ORDER BY day DESC NULLS LAST) AS place
    FROM candidates
)
SELECT ordered.episode_id, ordered.outcome, ordered.score AS last_score, ordered.day AS last_day,
       CASE WHEN ordered.higher_is = 'worse' THEN baseline.baseline_score - ordered.score
            ELSE ordered.score - baseline.baseline_score END AS improvement
FROM ordered
LEFT JOIN baseline_scores AS baseline ON baseline.episode_id = ordered.episode_id AND baseline.outcome = ordered.outcome
WHERE ordered.place = 1
