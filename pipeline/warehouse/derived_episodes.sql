-- derived_episodes: stays of one person at one level of care in one program, from the days on which they were served
-- grain: one row per episode_id
-- weakness: a program that does not export every attended service shows gaps that were none
--
-- A new stay starts where the silence since the last served day is longer than the level's own gap (level_gap.gap_days).
-- Only the first day of each stay and the last day of all are kept for the second pass, so that it is short.
WITH ordered AS (
    SELECT day.patient_id, day.program_id, day.level_of_care, day.service_day, day.through_day,
           MAX(day.through_day) OVER (PARTITION BY day.patient_id, day.program_id, day.level_of_care
                                      ORDER BY day.service_day NULLS LAST, day.source NULLS LAST
                                      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS covered_to,
           ROW_NUMBER() OVER (PARTITION BY day.patient_id, day.program_id, day.level_of_care
                              ORDER BY day.service_day NULLS LAST, day.source NULLS LAST) AS place,
           LEAD(day.service_day) OVER (PARTITION BY day.patient_id, day.program_id, day.level_of_care
                                       ORDER BY day.service_day NULLS LAST, day.source NULLS LAST) AS next_day
    FROM service_days AS day
),
edges AS (
    SELECT ordered.*,
           covered_to IS NULL OR days_between(covered_to, service_day) > level.gap_days AS starts
    FROM ordered
    JOIN level_gap AS level ON level.level_of_care = ordered.level_of_care
    WHERE covered_to IS NULL OR next_day IS NULL OR days_between(covered_to, service_day) > level.gap_days
),
paired AS (
    SELECT edges.*,
           LEAD(starts) OVER same_stay AS next_starts,
           LEAD(covered_to) OVER same_stay AS next_covered_to,
           LEAD(through_day) OVER same_stay AS next_through_day,
           LEAD(place) OVER same_stay AS next_place
    FROM edges
    WINDOW same_stay AS (PARTITION BY patient_id, program_id, level_of_care ORDER BY place NULLS LAST)
)
SELECT patient_id || '/' || program_id || '/' || level_of_care || '/' || CAST(service_day AS STRING) AS episode_id,
       patient_id, program_id, level_of_care, service_day AS start_day,
       CASE WHEN next_place IS NULL THEN through_day
            WHEN next_starts THEN next_covered_to
            ELSE GREATEST(next_covered_to, next_through_day) END AS last_day,
       CASE WHEN next_place IS NULL THEN 1
            WHEN next_starts THEN next_place - place
            ELSE next_place - place + 1 END AS service_days
FROM paired
WHERE starts
