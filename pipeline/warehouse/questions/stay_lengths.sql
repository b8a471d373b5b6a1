-- stay_lengths: how long each stay in intensive outpatient care lasted, as far as it could be seen
-- grain: one row per episode_id
-- weakness: a stay that is over and silent for less than the level's gap when the records end counts as still open
--
-- Days from first to last attended service, both counted.  Everybody is seen to the last day on which a silence could have
-- been told from an ending; a stay that goes on beyond it is open, whatever was recorded later.
-- days_latest is more than days where the last contact is known only as a range of days.
-- A stay that may have begun before the records do (prevalent) is not new; one that began after the last day seen is too young.
WITH served AS (
    SELECT episode.episode_id, COUNT(DISTINCT day.service_day) AS attended_days
    FROM episodes AS episode
    JOIN setting ON setting.program_id = episode.program_id AND setting.level_of_care = episode.level_of_care
    JOIN service_days AS day ON day.person_no = episode.person_no AND day.setting_no = setting.setting_no
     AND day.service_day BETWEEN episode.start_day AND episode.last_day AND day.source = 'day'
    WHERE episode.level_of_care = 'IOP'
    GROUP BY episode.episode_id
),
seen AS (
    SELECT episode.episode_id, episode.person_no, episode.arm, episode.site, episode.period, episode.start_day, episode.last_day,
           episode.latest_day,
           person.observed_to_day - level.gap_days AS seen_to_day,
           days_between(person.observed_from_day, episode.start_day) >= level.gap_days AS new_stay
    FROM episodes AS episode
    JOIN person ON person.person_no = episode.person_no
    JOIN care_level AS level ON level.level_of_care = episode.level_of_care
    WHERE episode.level_of_care = 'IOP'
)
SELECT seen.episode_id, seen.person_no, seen.arm, seen.site, seen.period, seen.new_stay,
       seen.start_day > seen.seen_to_day AS too_young,
       days_between(seen.start_day, LEAST(seen.last_day, seen.seen_to_day)) + 1 AS days,
       days_between(seen.start_day, LEAST(seen.latest_day, seen.seen_to_day)) + 1 AS days_latest,
       seen.last_day <= seen.seen_to_day AS ended,
       days_between(seen.start_day, seen.seen_to_day) + 1 AS days_seen,
       days_between(seen.start_day, seen.last_day) + 1 AS contact_days,
       served.attended_days, ending.ending, ending.closure_lag,
       days_between(seen.start_day, seen.last_day) + 1 + ending.closure_lag AS days_to_closure
FROM seen
LEFT JOIN served ON served.episode_id = seen.episode_id
JOIN endings AS ending ON ending.episode_id = seen.episode_id
