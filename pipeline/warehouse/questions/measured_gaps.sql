-- measured_gaps: the longest time in care without a score, for everybody who started new and each outcome's scale
-- grain: one row per episode_id and outcome
-- weakness: a score that was taken elsewhere, or not exported, is a gap here
--
-- In care: from day 0 to the last day at the level started, at most to the study's last retention day, which everybody counted can
-- be seen to reach.  Gaps lie between day 0, each score and the last day; whoever was never measured has no gap but the whole stay.
WITH horizon AS (
    SELECT MAX(at_day) AS last_day FROM retention_day
),
stays AS (
    SELECT episode.episode_id, episode.patient_id, episode.start_day, outcome.outcome, outcome.instrument_id, outcome.baseline_from,
           LEAST(days_between(episode.start_day, episode.last_day), horizon.last_day) AS care_day,
           COALESCE(days_between(episode.start_day, episode.observed_to_day) >= horizon.last_day, FALSE) AS observable
    FROM index_episodes AS episode
    CROSS JOIN outcome_definition AS outcome
    CROSS JOIN horizon
),
marks AS (
    SELECT stays.episode_id, stays.outcome, stays.care_day,
           GREATEST(days_between(stays.start_day, score.assessed_day), 0) AS day, 1 AS is_score
    FROM stays
    JOIN staging.assessments AS score
      ON score.patient_id = stays.patient_id AND score.instrument_id = stays.instrument_id AND score.subscale = ''
     AND days_between(stays.start_day, score.assessed_day) BETWEEN stays.baseline_from AND stays.care_day
    UNION ALL
    SELECT stays.episode_id, stays.outcome, stays.care_day, 0 AS day, 0 AS is_score
    FROM stays
),
spaced AS (
    SELECT marks.episode_id, marks.outcome, marks.is_score, marks.day,
           LEAD(marks.day, 1, marks.care_day) OVER (PARTITION BY marks.episode_id, marks.outcome
                                                    ORDER BY marks.day NULLS LAST, marks.is_score NULLS LAST) AS next_day
    FROM marks
),
gaps AS (
    SELECT episode_id, outcome, SUM(is_score) AS scores, MAX(days_between(day, next_day)) AS longest_gap
    FROM spaced
    GROUP BY episode_id, outcome
)
SELECT stays.episode_id, stays.outcome, stays.care_day, stays.observable, CAST(gaps.scores AS BIGINT) AS scores, gaps.longest_gap,
       gaps.scores > 0 AND gaps.longest_gap <= 14 AS every_14_days,
       gaps.scores > 0 AND gaps.longest_gap <= 30 AS every_30_days
FROM stays
JOIN gaps ON gaps.episode_id = stays.episode_id AND gaps.outcome = stays.outcome
