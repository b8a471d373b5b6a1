-- patient_weeks: each week of ambulatory care, and on which side of the lines of 9 and 20 hours it lies
-- grain: one row per episode_id and week
-- weakness: adolescents are held to the lines of adults
--
-- 24-hour care has no hours and no row.  A week with an untimed day has no hours: what is known of it is only a part.
-- Nor has a week of a stay that is known from its recorded episode alone.
WITH timed AS (
    SELECT week.episode_id, week.week, week.complete, week.imputed_hours, week.untimed_days,
           CASE WHEN week.untimed_days = 0 AND episode.made_from = 'sessions' THEN week.scheduled_hours END AS scheduled_hours,
           CASE WHEN week.untimed_days = 0 AND episode.made_from = 'sessions' THEN week.attended_hours END AS attended_hours
    FROM dose_weeks AS week
    JOIN episodes AS episode ON episode.episode_id = week.episode_id
)
SELECT timed.episode_id, timed.week, episode.person_no, episode.level_of_care, episode.arm, episode.site,
       CASE WHEN protocol.calendar THEN period_of_day(episode.start_day + 7 * timed.week) ELSE episode.period END AS period,
       timed.complete, timed.scheduled_hours, timed.attended_hours, timed.imputed_hours, timed.untimed_days,
       CASE WHEN timed.scheduled_hours >= protocol.php_hours THEN 'above' WHEN timed.scheduled_hours >= protocol.iop_hours THEN 'within'
            WHEN timed.scheduled_hours IS NOT NULL THEN 'below' END AS scheduled_band,
       CASE WHEN timed.attended_hours >= protocol.php_hours THEN 'above' WHEN timed.attended_hours >= protocol.iop_hours THEN 'within'
            WHEN timed.attended_hours IS NOT NULL THEN 'below' END AS attended_band
FROM timed
JOIN episodes AS episode ON episode.episode_id = timed.episode_id
CROSS JOIN protocol
WHERE episode.level_of_care IN ('OP', 'IOP', 'PHP')
