-- course_scores: every score after the start while in care at the level started, with the one at the start and how soon the next came
-- grain: one row per episode_id, outcome and day
-- weakness: scores are taken more often of those a clinician worries about
WITH scores AS (
    SELECT episode.episode_id, baseline.outcome, baseline.baseline_score, score.score,
           days_between(episode.start_day, score.assessed_day) AS day,
           days_between(episode.start_day, episode.last_day) AS last_day,
           CASE WHEN outcome.higher_is = 'worse' THEN baseline.baseline_score - score.score
                ELSE score.score - baseline.baseline_score END AS improvement
    FROM index_episodes AS episode
    JOIN baseline_scores AS baseline ON baseline.episode_id = episode.episode_id
    JOIN outcome_definition AS outcome ON outcome.outcome = baseline.outcome
    JOIN staging.assessments AS score
      ON score.patient_id = episode.patient_id AND score.instrument_id = outcome.instrument_id AND score.subscale = ''
     AND days_between(episode.start_day, score.assessed_day) > GREATEST(baseline.baseline_day, 0)
     AND score.assessed_day <= episode.last_day AND COALESCE(score.recall_variant, '') = COALESCE(baseline.recall_variant, '')
)
SELECT episode_id, outcome, day, last_day, baseline_score, improvement,
       LEAD(day) OVER (PARTITION BY episode_id, outcome ORDER BY day NULLS LAST) AS next_day
FROM scores
