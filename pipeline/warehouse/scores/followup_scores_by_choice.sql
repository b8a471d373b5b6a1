-- followup_scores_by_choice: the score of each outcome at its fixed day after the start, under each way of choosing it
-- grain: one row per episode_id, outcome and varied
-- weakness: whoever was not asked again has no row, and they are not like the others
--
-- The score nearest the day within the window, the earlier on ties; in the recall variant of the baseline, never another.
-- Late: nearer the window's close than the day, or after an attempt within the window that did not reach the person.
WITH candidates AS (
    SELECT episode.episode_id, episode.patient_id, episode.start_day, outcome.outcome, outcome.varied, outcome.at_day,
           outcome.window_from, outcome.window_to, score.score,
           days_between(episode.start_day, score.assessed_day) AS day
    FROM index_episodes AS episode
    CROSS JOIN scoring AS outcome
    JOIN staging.assessments AS score
      ON score.patient_id = episode.patient_id AND score.instrument_id = outcome.instrument_id AND score.subscale = ''
     AND days_between(episode.start_day, score.assessed_day) BETWEEN outcome.window_from AND outcome.window_to
    LEFT JOIN baseline_scores_by_choice AS baseline
           ON baseline.episode_id = episode.episode_id AND baseline.outcome = outcome.outcome AND baseline.varied = outcome.varied
    WHERE baseline.episode_id IS NULL OR COALESCE(baseline.recall_variant, '') = COALESCE(score.recall_variant, '')
),
ordered AS (
    SELECT candidates.*,
           ROW_NUMBER() OVER (PARTITION BY episode_id, outcome, varied
                              ORDER BY ABS(day - at_day) NULLS LAST, day NULLS LAST) AS place
    FROM candidates
),
reminded AS (
    SELECT ordered.episode_id, ordered.outcome, ordered.varied, COUNT(*) AS in_vain
    FROM ordered
    JOIN staging.followups AS attempt
      ON attempt.patient_id = ordered.patient_id AND attempt.reached = 'not_reached'
     AND days_between(ordered.start_day, attempt.contact_day) BETWEEN ordered.window_from AND ordered.day
    WHERE ordered.place = 1
    GROUP BY ordered.episode_id, ordered.outcome, ordered.varied
)
SELECT ordered.episode_id, ordered.outcome, ordered.varied, ordered.score AS followup_score, ordered.day AS followup_day,
       2 * ordered.day > ordered.at_day + ordered.window_to OR reminded.in_vain IS NOT NULL AS late
FROM ordered
LEFT JOIN reminded
       ON reminded.episode_id = ordered.episode_id AND reminded.outcome = ordered.outcome AND reminded.varied = ordered.varied
WHERE ordered.place = 1
