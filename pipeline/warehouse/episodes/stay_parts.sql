-- stay_parts: which 24-hour stay each residential or inpatient episode belongs to
-- grain: one row per episode_id
-- weakness: a transfer that took longer than protocol.transfer_days looks like a discharge and a readmission
WITH covered AS (
    SELECT episode.episode_id, episode.patient_id, episode.start_day, episode.last_day,
           MAX(episode.last_day) OVER (PARTITION BY episode.patient_id
                                       ORDER BY episode.start_day NULLS LAST, episode.last_day NULLS LAST,
                                                episode.episode_id NULLS LAST
                                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS covered_to
    FROM episodes AS episode
    WHERE episode.level_of_care IN ('RES', 'IP')
),
numbered AS (
    SELECT covered.*,
           SUM(CASE WHEN covered.covered_to IS NULL OR days_between(covered.covered_to, covered.start_day) > protocol.transfer_days
                    THEN 1 ELSE 0 END)
               OVER (PARTITION BY covered.patient_id
                     ORDER BY covered.start_day NULLS LAST, covered.last_day NULLS LAST, covered.episode_id NULLS LAST
                     ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS stay
    FROM covered
    CROSS JOIN protocol
)
SELECT episode_id, patient_id, CAST(stay AS INTEGER) AS stay, start_day, last_day,
       ROW_NUMBER() OVER (PARTITION BY patient_id, stay
                          ORDER BY last_day DESC NULLS LAST, start_day DESC NULLS LAST, episode_id NULLS LAST) AS place_from_end
FROM numbered
