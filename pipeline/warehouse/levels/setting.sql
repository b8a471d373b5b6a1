-- setting: a program at a level of care, numbered in the order in which settings claim a day
-- grain: one row per program_id and level_of_care
-- weakness: events (withdrawal management, emergency visits) come last and claim only themselves
--
-- Several levels on one day: IP, RES, PHP, IOP, OP, OTP, unknown (level_rank.day_order), then program_id.
-- Settings with one claim_no compete for a day; an event competes with nothing.
WITH used AS (
    SELECT DISTINCT session.program_id, COALESCE(service.level_of_care, session.level_of_care) AS level_of_care
    FROM staging.sessions AS session
    LEFT JOIN service_level AS service ON service.session_id = session.session_id
    UNION
    SELECT stay.program_id, stay.level_of_care FROM recorded_stays AS stay
),
numbered AS (
    SELECT CAST(ROW_NUMBER() OVER (ORDER BY level.day_order NULLS LAST, used.program_id NULLS LAST, used.level_of_care NULLS LAST)
                AS INTEGER) AS setting_no,
           used.program_id, used.level_of_care, gap.gap_days, level.day_order
    FROM used
    JOIN level_rank AS level ON level.level_of_care = used.level_of_care
    JOIN level_gap AS gap ON gap.level_of_care = used.level_of_care
)
SELECT setting_no, program_id, level_of_care, gap_days,
       day_order IS NOT NULL AS sets_the_day,
       CASE WHEN day_order IS NOT NULL THEN 0 ELSE setting_no END AS claim_no
FROM numbered
