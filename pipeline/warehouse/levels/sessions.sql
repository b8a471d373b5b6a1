-- sessions: every scheduled service or bed day with its level of care and its minutes
-- grain: one row per session_id
-- weakness: per-diem codes carry no minutes; the study's assumption stands in and is flagged
WITH timed AS (
    SELECT session.*,
           COALESCE(service.level_of_care, session.level_of_care) AS level_used,
           COALESCE(service.level_rule, 'written on the service') AS level_rule,
           per_diem.session_id IS NOT NULL AS per_diem
    FROM staging.sessions AS session
    LEFT JOIN service_level AS service ON service.session_id = session.session_id
    LEFT JOIN per_diem_days AS per_diem ON per_diem.session_id = session.session_id
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
