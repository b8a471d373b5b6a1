-- per_diem_days: the one service of a day that stands for a per-diem code without minutes
-- grain: one row per patient_id, program_id and service_day
-- weakness: the hours given to it are the study's assumption; the share imputed is shown
--
-- A day whose services carry minutes needs no assumption.  Attended services first, then the more intense level.
WITH billed AS (
    SELECT session.session_id, session.patient_id, session.program_id, session.service_day, session.status,
           COALESCE(procedure.level_of_care, condition.level_of_care, payment.level_of_care, revenue.level_of_care) AS code_level
    FROM staging.sessions AS session
    LEFT JOIN level_code AS procedure
           ON procedure.code = session.cpt_hcpcs AND procedure.system = 'HCPCS' AND procedure.strength = 'definitive'
    LEFT JOIN level_code AS condition
           ON condition.code = session.condition_code AND condition.system = 'CONDITION' AND condition.strength = 'definitive'
    LEFT JOIN level_code AS payment
           ON payment.code = session.apc AND payment.system = 'APC' AND payment.strength = 'definitive'
    LEFT JOIN level_code AS revenue
           ON revenue.code = LPAD(session.revenue_code, 4, '0') AND revenue.system = 'REV' AND revenue.strength = 'definitive'
    WHERE session.minutes_scheduled IS NULL
),
ordered AS (
    SELECT billed.*,
           ROW_NUMBER() OVER (PARTITION BY billed.patient_id, billed.program_id, billed.service_day
                              ORDER BY CASE WHEN billed.status = 'attended' THEN 0 ELSE 1 END NULLS LAST,
                                       billed.code_level DESC NULLS LAST, billed.session_id NULLS LAST) AS place
    FROM billed
    WHERE billed.code_level IN ('IOP', 'PHP')
      AND NOT EXISTS (SELECT 1
                      FROM staging.sessions AS timed
                      WHERE timed.patient_id = billed.patient_id AND timed.program_id = billed.program_id
                        AND timed.service_day = billed.service_day AND timed.minutes_scheduled > 0)
)
SELECT patient_id, program_id, service_day, session_id, code_level
FROM ordered
WHERE place = 1
