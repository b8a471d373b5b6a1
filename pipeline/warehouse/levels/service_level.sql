-- service_level: the level of care of services that do not carry it themselves
-- grain: one row per session_id
-- weakness: services that no rule can place are UNKNOWN; they are kept, counted and never guessed
--
-- What the recorded episode or the codes say (coded_level), else the scheduled hours of the week (weekly_level).
-- A code for one of two ambulatory levels keeps the hours within those two.
WITH weekly AS (
    SELECT service.session_id, service.level_of_care, service.level_rule,
           CASE WHEN service.upper_level = 'PHP' AND week.level_of_care = 'OP' THEN service.lower_level
                WHEN service.upper_level = 'IOP' AND week.level_of_care = 'PHP' THEN service.upper_level
                ELSE week.level_of_care END AS hours_level
    FROM coded_level AS service
    LEFT JOIN weekly_level AS week
           ON week.patient_id = CASE WHEN service.level_of_care IS NULL THEN service.patient_id END
          AND week.program_id = service.program_id
          AND service.service_day BETWEEN week.from_day AND week.to_day
)
SELECT session_id,
       COALESCE(level_of_care, hours_level, 'UNKNOWN') AS level_of_care,
       CASE WHEN level_of_care IS NOT NULL THEN level_rule
            WHEN hours_level IS NOT NULL THEN 'scheduled hours'
            ELSE 'unknown' END AS level_rule
FROM weekly
