-- per_diem_days: the one service of a day that stands for a per-diem code without minutes
-- grain: one row per patient_id, program_id and service_day
-- weakness: the hours given to it are the study's assumption; the share imputed is shown
--
-- A day whose services carry minutes needs no assumption.  Attended services first, then the more intense level.
WITH billed AS (
    SELECT session.session_id, session.patient_id, session.program_id, session.service_day, code.level_of_care, session.status
    FROM staging.sessions AS session
    JOIN level_code AS code
      ON code.strength = 'definitive' AND code.level_of_care IN ('IOP', 'PHP')
     AND ((code.system = 'HCPCS' AND code.code = session.cpt_hcpcs)
          OR (code.system = 'CONDITION' AND code.code = session.condition_code)
          OR (code.system = 'APC' AND code.code = session.apc)
          OR (code.system = 'REV' AND code.code = LPAD(session.revenue_code, 4, '0')))
    WHERE session.minutes_scheduled IS NULL
),
timed AS (
    SELECT DISTINCT patient_id, program_id, service_day
    FROM staging.sessions
    WHERE minutes_scheduled > 0
),
ordered AS (
    SELECT billed.*,
           ROW_NUMBER() OVER (PARTITION BY billed.patient_id, billed.program_id, billed.service_day
                              ORDER BY CASE WHEN billed.status = 'attended' THEN 0 ELSE 1 END NULLS LAST,
                                       billed.level_of_care DESC NULLS LAST, billed.session_id NULLS LAST) AS place
    FROM billed
    LEFT JOIN timed ON timed.patient_id = billed.patient_id AND timed.program_id = billed.program_id
                   AND timed.service_day = billed.service_day
    WHERE timed.patient_id IS NULL
)
SELECT patient_id, program_id, service_day, session_id, level_of_care AS code_level
FROM ordered
WHERE place = 1
