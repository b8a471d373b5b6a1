-- dose_weeks: hours scheduled and attended in each week of an episode
-- grain: one row per episode_id and week
-- weakness: 24-hour care exports days, not hours: its bed days are counted, their hours are not known
-- view: patient_weeks alone reads it
--
-- Weeks are 7 days from day 0 to the last served day; a week that the episode does not fill is not complete.  Of a stay that is known
-- from its recorded episode alone there is the first: no week of it has hours.
-- An untimed day has services and minutes for none of them; a per-diem day is timed by the study's assumption.
-- A service belongs to an episode of its program by its own level, or by the level that set its day.
WITH weeks AS (
    SELECT episode.episode_id, episode.start_day, number.week,
           days_between(episode.start_day, episode.last_day) >= 7 * number.week + 6 AS complete
    FROM episodes AS episode
    JOIN week_number AS number
      ON CASE episode.made_from WHEN 'sessions' THEN days_between(episode.start_day, episode.last_day) ELSE 0 END >= 7 * number.week
),
day_settings AS (
    SELECT person.patient_id, day.service_day, setting.program_id, setting.level_of_care
    FROM service_days AS day
    JOIN person ON person.person_no = day.person_no
    JOIN setting ON setting.setting_no = day.setting_no
    WHERE day.source = 'day' AND setting.sets_the_day
),
services AS (
    SELECT episode.episode_id, session.service_day, session.status, session.scheduled_minutes, session.attended_minutes,
           session.counts_as_attended, session.minutes_imputed,
           CAST(FLOOR(days_between(episode.start_day, session.service_day) / CAST(7 AS DOUBLE)) AS INTEGER) AS week
    FROM sessions AS session
    JOIN care_level AS level ON level.level_of_care = session.level_of_care
    LEFT JOIN day_settings AS day
           ON day.patient_id = session.patient_id AND day.service_day = session.service_day
          AND day.program_id = session.program_id
    JOIN episodes AS episode
      ON episode.patient_id = session.patient_id AND episode.program_id = session.program_id
     AND episode.level_of_care = CASE WHEN level.day_order IS NULL THEN session.level_of_care
                                      ELSE COALESCE(day.level_of_care, session.level_of_care) END
     AND session.service_day BETWEEN episode.start_day AND episode.last_day
),
sums AS (
    SELECT episode_id, week,
           SUM(scheduled_minutes) / CAST(60 AS DOUBLE) AS scheduled_hours,
           SUM(attended_minutes) / CAST(60 AS DOUBLE) AS attended_hours,
           SUM(CASE WHEN counts_as_attended THEN 1 ELSE 0 END) AS attended_services,
           COUNT(counts_as_attended) AS expected_services,
           SUM(CASE WHEN status = 'bed_day' THEN 1 ELSE 0 END) AS bed_days,
           COUNT(DISTINCT CASE WHEN status <> 'bed_day' THEN service_day END)
               - COUNT(DISTINCT CASE WHEN scheduled_minutes IS NOT NULL THEN service_day END) AS untimed_days,
           SUM(CASE WHEN minutes_imputed THEN scheduled_minutes ELSE CAST(0 AS DOUBLE) END) / CAST(60 AS DOUBLE) AS imputed_hours
    FROM services
    GROUP BY episode_id, week
)
SELECT weeks.episode_id, weeks.week, weeks.complete,
       CASE WHEN COALESCE(sums.bed_days, 0) = 0 OR sums.scheduled_hours IS NOT NULL
            THEN COALESCE(sums.scheduled_hours, CAST(0 AS DOUBLE)) END AS scheduled_hours,
       CASE WHEN COALESCE(sums.bed_days, 0) = 0 OR sums.attended_hours IS NOT NULL
            THEN COALESCE(sums.attended_hours, CAST(0 AS DOUBLE)) END AS attended_hours,
       COALESCE(sums.attended_services, 0) AS attended_services,
       COALESCE(sums.expected_services, 0) AS expected_services,
       COALESCE(sums.bed_days, 0) AS bed_days,
       COALESCE(sums.untimed_days, 0) AS untimed_days,
       COALESCE(sums.imputed_hours, CAST(0 AS DOUBLE)) AS imputed_hours,
       COALESCE(sums.imputed_hours, CAST(0 AS DOUBLE)) > 0 AS minutes_imputed
FROM weeks
LEFT JOIN sums ON sums.episode_id = weeks.episode_id AND sums.week = weeks.week
