-- endings: how and when each episode ended, by its last contact and never by the closure of its chart
-- grain: one row per episode_id
-- weakness: where nobody recorded why, the ending is unknown, also when care simply stopped
--
-- A recorded ending belongs to the last of the episodes that share it.  An earlier one went on: within the chain it was
-- transferred, after a longer silence the person had dropped out and came back.
-- Without a recorded ending, an episode whose silence is not over when observation stops is still in care.
WITH followed AS (
    SELECT episode.episode_id, episode.recorded_episode_id, episode.patient_id, episode.level_of_care, episode.last_day,
           LEAD(episode.start_day) OVER (PARTITION BY COALESCE(episode.recorded_episode_id, episode.episode_id)
                                         ORDER BY episode.last_day NULLS LAST, episode.start_day NULLS LAST,
                                                  episode.episode_id NULLS LAST) AS resumed_day
    FROM episodes AS episode
),
ended AS (
    SELECT followed.*, recorded.ending AS recorded_ending, recorded.planned_ending, recorded.discharge_day,
           recorded.destination_level,
           CASE WHEN followed.resumed_day IS NOT NULL AND days_between(followed.last_day, followed.resumed_day) <= protocol.chain_days
                THEN 'went on'
                WHEN followed.resumed_day IS NOT NULL THEN 'came back'
                WHEN recorded.ending IS NOT NULL THEN 'discharge'
                WHEN days_between(followed.last_day, patient.observed_to_day) < level.gap_days THEN 'end of the data'
                ELSE 'none' END AS source
    FROM followed
    LEFT JOIN recorded_episodes AS recorded ON recorded.episode_id = followed.recorded_episode_id
    JOIN person AS patient ON patient.patient_id = followed.patient_id
    LEFT JOIN level_gap AS level ON level.level_of_care = followed.level_of_care
    CROSS JOIN protocol
),
named AS (
    SELECT ended.*,
           CASE source WHEN 'went on' THEN 'transferred' WHEN 'came back' THEN 'dropped_out'
                       WHEN 'discharge' THEN recorded_ending WHEN 'end of the data' THEN 'in_care'
                       ELSE 'unknown' END AS ending
    FROM ended
)
SELECT episode_id, last_day AS last_contact_day, ending,
       CASE WHEN source = 'discharge' AND planned_ending IS NOT NULL THEN planned_ending
            WHEN ending IN ('completed', 'transferred') THEN TRUE
            WHEN ending IN ('dropped_out', 'ama', 'terminated', 'incarcerated') THEN FALSE END AS planned,
       CASE WHEN source = 'discharge' THEN days_between(last_day, discharge_day) END AS closure_lag,
       CASE WHEN source = 'discharge' THEN destination_level END AS destination_level,
       source
FROM named
