-- taper_weeks: hours of each complete week in intensive outpatient care, of the next one, and whether the person had improved by then
-- grain: one row per episode_id, outcome and week
-- weakness: a person who is measured more often has more chances to cross the line, in both directions
--
-- People who started new at IOP with a score at the start and at least three scores of the stay, that one included.
-- Improved by a week: some score up to its last day is better than the first by the scale's reliable change index.
WITH scores AS (
    SELECT episode.episode_id, outcome.outcome,
           days_between(episode.start_day, score.assessed_day) AS day,
           CASE WHEN outcome.higher_is = 'worse' THEN baseline.baseline_score - score.score
                ELSE score.score - baseline.baseline_score END >= outcome.rci AS reliably_better
    FROM index_episodes AS episode
    JOIN baseline_scores AS baseline ON baseline.episode_id = episode.episode_id
    JOIN outcome_definition AS outcome ON outcome.outcome = baseline.outcome
    JOIN staging.assessments AS score
      ON score.patient_id = episode.patient_id AND score.instrument_id = outcome.instrument_id AND score.subscale = ''
     AND days_between(episode.start_day, score.assessed_day) >= baseline.baseline_day AND score.assessed_day <= episode.last_day
     AND COALESCE(score.recall_variant, '') = COALESCE(baseline.recall_variant, '')
    WHERE episode.level_of_care = 'IOP'
),
counted AS (
    SELECT episode_id, outcome, COUNT(*) AS scores,
           MIN(CASE WHEN reliably_better THEN day END) AS improved_day
    FROM scores
    GROUP BY episode_id, outcome
    HAVING COUNT(*) >= 3
),
weeks AS (
    SELECT week.episode_id, week.week, week.person_no, week.site, week.attended_hours, week.scheduled_hours,
           LEAD(week.week) OVER (PARTITION BY week.episode_id ORDER BY week.week NULLS LAST) AS next_week,
           LEAD(week.attended_hours) OVER (PARTITION BY week.episode_id ORDER BY week.week NULLS LAST) AS next_attended_hours
    FROM patient_weeks AS week
    WHERE week.complete AND week.level_of_care = 'IOP' AND week.attended_hours IS NOT NULL
)
SELECT weeks.episode_id, counted.outcome, weeks.week, weeks.person_no, weeks.site, counted.scores, weeks.attended_hours,
       weeks.scheduled_hours,
       CASE WHEN weeks.next_week = weeks.week + 1 THEN weeks.next_attended_hours END AS next_attended_hours,
       COALESCE(counted.improved_day <= 7 * weeks.week + 6, FALSE) AS improved_by,
       CAST(FLOOR(counted.improved_day / CAST(7 AS DOUBLE)) AS INTEGER) AS improved_week
FROM weeks
JOIN counted ON counted.episode_id = weeks.episode_id
