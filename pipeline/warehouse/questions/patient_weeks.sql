-- patient_weeks: each week of ambulatory care, and on which side of the lines of 9 and 20 hours it lies
-- grain: one row per episode_id and week
-- weakness: adolescents are held to the lines of adults
--
-- 24-hour care has no hours and no row.  A week with an untimed day has no hours: what is known of it is only a part.
-- Nor has the one week of a stay that is known from its recorded episode alone.
WITH timed AS (
    SELECT week.episode_id, week.week, episode.person_no, episode.level_of_care, episode.arm, episode.site,
           CASE WHEN protocol.calendar THEN period_of_day(episode.start_day + 7 * week.week) ELSE episode.period END AS period,
           week.complete, week.imputed_hours, week.untimed_days, protocol.iop_hours, protocol.php_hours,
           CASE WHEN week.untimed_days = 0 AND episode.made_from = 'sessions' THEN week.scheduled_hours END AS scheduled_hours,
           CASE WHEN week.untimed_days = 0 AND episode.made_from = 'sessions' THEN week.attended_hours END AS attended_hours
    FROM dose_weeks AS week
    JOIN episodes AS episode ON episode.episode_id = week.episode_id
    JOIN care_level AS level ON level.level_of_care = episode.level_of_care
    CROSS JOIN protocol
    WHERE level.intensity > 0 AND NOT level.is_24_hour
)
SELECT episode_id, week, person_no, level_of_care, arm, site, period, complete, scheduled_hours, attended_hours, imputed_hours,
       untimed_days,
       CASE WHEN scheduled_hours >= php_hours THEN 'above' WHEN scheduled_hours >= iop_hours THEN 'within'
            WHEN scheduled_hours IS NOT NULL THEN 'below' END AS scheduled_band,
       CASE WHEN attended_hours >= php_hours THEN 'above' WHEN attended_hours >= iop_hours THEN 'within'
            WHEN attended_hours IS NOT NULL THEN 'below' END AS attended_band
FROM timed
