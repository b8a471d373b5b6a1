-- trajectory_scores: every score of each outcome after the baseline, with the hours of care attended by then
-- grain: one row per episode_id, outcome and day
-- weakness: whoever is measured more often has more rows, and days in a bed carry no hours
--
-- Up to the end of the schedule, in the recall variant of the baseline.  Improvement is positive whatever the direction of the
-- scale; improved is at least the reliable change index.  Hours at any level of care from day 0 to the day of the score.
WITH taken AS (
    SELECT episode.episode_id, episode.patient_id, episode.start_day, outcome.outcome, outcome.rci, score.assessed_day,
           days_between(episode.start_day, score.assessed_day) AS day,
           CASE WHEN outcome.higher_is = 'worse' THEN baseline.baseline_score - score.score
                ELSE score.score - baseline.baseline_score END AS improvement
    FROM index_episodes AS episode
    CROSS JOIN outcome_definition AS outcome
    CROSS JOIN schedule
    JOIN baseline_scores AS baseline
      ON baseline.episode_id = episode.episode_id AND baseline.outcome = outcome.outcome
    JOIN staging.assessments AS score
      ON score.patient_id = episode.patient_id AND score.instrument_id = outcome.instrument_id AND score.subscale = ''
     AND days_between(episode.start_day, score.assessed_day) BETWEEN 1 AND schedule.last_seen_day
     AND days_between(episode.start_day, score.assessed_day) > baseline.baseline_day
    WHERE COALESCE(baseline.recall_variant, '') = COALESCE(score.recall_variant, '')
),
served AS (
    SELECT patient_id, service_day, SUM(attended_minutes) AS minutes
    FROM sessions
    WHERE attended_minutes IS NOT NULL
    GROUP BY patient_id, service_day
)
SELECT taken.episode_id, taken.outcome, taken.day, taken.improvement,
       taken.improvement >= taken.rci AS improved,
       COALESCE(SUM(served.minutes), CAST(0 AS DOUBLE)) / CAST(60 AS DOUBLE) AS attended_hours
FROM taken
LEFT JOIN served ON served.patient_id = taken.patient_id
                AND served.service_day BETWEEN taken.start_day AND taken.assessed_day
GROUP BY taken.episode_id, taken.outcome, taken.day, taken.improvement, taken.rci
