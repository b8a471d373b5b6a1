-- coded_level: what the recorded episode and the billing codes say of services that do not carry their level
-- grain: one row per session_id
-- weakness: codes that stand for one of two levels settle nothing here; the hours of the week decide them
--
-- First match wins: the recorded episode it names; a per-diem or condition code; a revenue code; the place.
-- The place says only where hospitals, residences, partial hospitals and events are: an office can hold any ambulatory level.
SELECT session.session_id, session.patient_id, session.program_id, session.service_day,
       COALESCE(episode.level_of_care, procedure.level_of_care, condition.level_of_care, payment.level_of_care,
                revenue.level_of_care, bill.level_of_care, place.level_of_care) AS level_of_care,
       CASE WHEN episode.level_of_care IS NOT NULL THEN 'recorded episode'
            WHEN COALESCE(procedure.level_of_care, condition.level_of_care, payment.level_of_care) IS NOT NULL
            THEN 'per-diem or condition code'
            WHEN revenue.level_of_care IS NOT NULL THEN 'revenue code'
            WHEN COALESCE(bill.level_of_care, place.level_of_care) IS NOT NULL THEN 'place of service' END AS level_rule,
       COALESCE(either_procedure.lower_level, either_revenue.lower_level, either_place.lower_level) AS lower_level,
       COALESCE(either_procedure.upper_level, either_revenue.upper_level, either_place.upper_level) AS upper_level
FROM staging.sessions AS session
LEFT JOIN recorded_episodes AS episode
       ON episode.episode_id = session.episode_id AND episode.patient_id = session.patient_id
LEFT JOIN level_code AS procedure
       ON procedure.code = session.cpt_hcpcs AND procedure.system = 'HCPCS' AND procedure.strength = 'definitive'
LEFT JOIN level_code AS condition
       ON condition.code = session.condition_code AND condition.system = 'CONDITION' AND condition.strength = 'definitive'
LEFT JOIN level_code AS payment
       ON payment.code = session.apc AND payment.system = 'APC' AND payment.strength = 'definitive'
LEFT JOIN level_code AS revenue
       ON revenue.code = LPAD(session.revenue_code, 4, '0') AND revenue.system = 'REV' AND revenue.strength = 'definitive'
LEFT JOIN level_code AS bill
       ON bill.code = SUBSTRING(LPAD(session.bill_type, 4, '0'), 2, 2) || 'x' AND bill.system = 'TOB'
      AND bill.strength = 'supporting'
LEFT JOIN level_code AS place
       ON place.code = LPAD(session.pos, 2, '0') AND place.system = 'POS' AND place.strength = 'supporting'
      AND place.level_of_care IN ('IP', 'RES', 'PHP', 'OTP', 'ED')
LEFT JOIN level_code AS either_procedure
       ON either_procedure.code = session.cpt_hcpcs AND either_procedure.system = 'HCPCS'
      AND either_procedure.lower_level IS NOT NULL
LEFT JOIN level_code AS either_revenue
       ON either_revenue.code = LPAD(session.revenue_code, 4, '0') AND either_revenue.system = 'REV'
      AND either_revenue.lower_level IS NOT NULL
LEFT JOIN level_code AS either_place
       ON either_place.code = LPAD(session.pos, 2, '0') AND either_place.system = 'POS'
      AND either_place.lower_level IS NOT NULL
WHERE session.level_of_care IS NULL
   OR (episode.level_3_7 AND session.level_of_care IN ('RES', 'IP'))
