-- service_days: the days on which a person was in care, each at the level that sets the day
-- grain: one row per patient_id, service_day, program_id, level_of_care and source
-- weakness: of several levels on one day only the first of the order counts, so a parallel lighter level can look interrupted
--
-- Several levels on one day: IP, RES, PHP, IOP, OP, OTP, unknown (level_rank.day_order), then program_id.
-- Withdrawal management and emergency visits are events: kept beside the day's level, never setting it.
-- A stay known only from its recorded episode is one row that reaches through_day.
WITH first_of_day AS (
    SELECT session.patient_id, session.service_day,
           MIN(CAST(level.day_order AS STRING) || session.program_id) AS first_in_order
    FROM sessions AS session
    JOIN level_rank AS level ON level.level_of_care = session.level_of_care
    WHERE session.attended AND level.day_order IS NOT NULL
    GROUP BY session.patient_id, session.service_day
)
SELECT day.patient_id, day.service_day, SUBSTRING(day.first_in_order, 2) AS program_id, level.level_of_care,
       'day' AS source, day.service_day AS through_day
FROM first_of_day AS day
JOIN level_rank AS level ON CAST(level.day_order AS STRING) = SUBSTRING(day.first_in_order, 1, 1)
UNION ALL
SELECT session.patient_id, session.service_day, session.program_id, session.level_of_care,
       'event' AS source, session.service_day AS through_day
FROM sessions AS session
WHERE session.attended AND session.level_of_care IN ('WM', 'ED')
GROUP BY session.patient_id, session.service_day, session.program_id, session.level_of_care
UNION ALL
SELECT stay.patient_id, stay.start_day AS service_day, stay.program_id, stay.level_of_care,
       'recorded stay' AS source, stay.last_day AS through_day
FROM recorded_stays AS stay
