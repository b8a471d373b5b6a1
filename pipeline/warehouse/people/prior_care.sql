-- prior_care: whether a person had been in 24-hour care in the year before the index episode
-- grain: one row per episode_id
-- weakness: derived only where 365 earlier days are observable; elsewhere only what the program recorded is known
WITH stayed AS (
    SELECT DISTINCT episode.episode_id
    FROM index_episodes AS episode
    JOIN service_days AS day
      ON day.person_no = episode.person_no
     AND day.service_day < episode.start_day
     AND days_between(day.through_day, episode.start_day) <= 365
    JOIN setting ON setting.setting_no = day.setting_no
    WHERE setting.level_of_care IN ('RES', 'IP')
)
SELECT episode.episode_id,
       CASE WHEN episode.prior_24h_care_12m IS NOT NULL THEN episode.prior_24h_care_12m
            WHEN days_between(episode.observed_from_day, episode.start_day) >= 365 THEN stayed.episode_id IS NOT NULL
            END AS prior_24h_care,
       CASE WHEN episode.prior_24h_care_12m IS NOT NULL THEN 'recorded'
            WHEN days_between(episode.observed_from_day, episode.start_day) >= 365 THEN 'derived' END AS source
FROM index_episodes AS episode
LEFT JOIN stayed ON stayed.episode_id = episode.episode_id
