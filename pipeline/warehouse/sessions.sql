-- sessions: every scheduled service or bed day with its level of care and its minutes
-- grain: one row per session_id
-- weakness: services that no rule can place stay UNKNOWN; they are kept, counted and never guessed
--
-- The level written on the service, else rules 1 to 4 (service_level), else the hours of its week (rule 5).
-- A code for one of two ambulatory levels keeps the hours within those two.
WITH levelled AS (
    SELECT session.*,
           service.level_of_care AS settled_level, service.level_rule AS settled_rule,
           CASE WHEN service.upper_level = 'PHP' AND week.level_of_care = 'OP' THEN service.lower_level
                WHEN service.upper_level = 'IOP' AND week.level_of_care = 'PHP' THEN service.upper_level
                ELSE week.level_of_care END AS hours_level
    FROM staging.sessions AS session
    LEFT JOIN service_level AS service ON service.session_id = session.session_id
    LEFT JOIN weekly_level AS week
           ON week.patient_id = CASE WHEN session.level_of_care IS NULL AND service.level_of_care IS NULL THEN session.patient_id END
          AND week.program_id = session.program_id
          AND session.service_day BETWEEN week.from_day AND week.to_day
),
timed AS (
    SELECT levelled.*,
           COALESCE(settled_level, level_of_care, hours_level, 'UNKNOWN') AS level_used,
           CASE WHEN settled_level IS NOT NULL THEN settled_rule
                WHEN level_of_care IS NOT NULL THEN 'written on the service'
                WHEN hours_level IS NOT NULL THEN 'scheduled hours'
                ELSE 'unknown' END AS level_rule,
           per_diem.session_id IS NOT NULL AS per_diem
    FROM levelled
    LEFT JOIN per_diem_days AS per_diem
           ON per_diem.session_id = CASE WHEN levelled.minutes_scheduled IS NULL THEN levelled.session_id END
),
imputed AS (
    SELECT timed.*,
           COALESCE(timed.minutes_scheduled,
                    CASE WHEN timed.per_diem AND timed.level_used = 'IOP' THEN 60 * protocol.iop_day_hours
                         WHEN timed.per_diem AND timed.level_used = 'PHP' THEN 60 * protocol.php_day_hours END) AS planned_minutes
    FROM timed
    CROSS JOIN protocol
)
SELECT session_id, patient_id, episode_id AS recorded_episode_id, program_id, therapist_id, service_day,
       level_used AS level_of_care, level_rule, status,
       status IN ('attended', 'bed_day') AS attended,
       CASE WHEN status <> 'bed_day' THEN planned_minutes END AS scheduled_minutes,
       CASE WHEN status = 'attended' THEN COALESCE(minutes_attended, planned_minutes)
            WHEN status <> 'bed_day' THEN CAST(0 AS DOUBLE) END AS attended_minutes,
       CASE WHEN status = 'attended' THEN COALESCE(minutes_attended >= minutes_scheduled * CAST(0.5 AS DOUBLE), TRUE)
            WHEN status IN ('no_show', 'client_cancel_late') THEN FALSE END AS counts_as_attended,
       minutes_scheduled IS NULL AND planned_minutes IS NOT NULL AS minutes_imputed,
       service_type, modality
FROM imputed
