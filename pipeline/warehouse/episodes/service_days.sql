-- service_days: the days on which a person was in care, each in the setting that claims the day
-- grain: one row per person_no, service_day, setting_no and source
-- weakness: of several levels on one day only the first of the order counts, so a parallel lighter level can look interrupted
--
-- Reads staging, not the table sessions, because this is the longest table and the way to episodes starts here.
-- Events claim nothing and are kept beside it.  A stay known only from its recorded episode is one row to its through_day.
SELECT person.person_no, session.service_day, MIN(setting.setting_no) AS setting_no, 'day' AS source,
       session.service_day AS through_day
FROM staging.sessions AS session
LEFT JOIN service_level AS service ON service.session_id = session.session_id
JOIN person ON person.patient_id = session.patient_id
JOIN setting ON setting.program_id = session.program_id
            AND setting.level_of_care = COALESCE(service.level_of_care, session.level_of_care)
WHERE session.status IN ('attended', 'bed_day')
GROUP BY person.person_no, session.service_day, setting.claim_no
UNION ALL
SELECT person.person_no, stay.start_day AS service_day, setting.setting_no, 'recorded stay' AS source,
       stay.last_day AS through_day
FROM recorded_stays AS stay
JOIN person ON person.patient_id = stay.patient_id
JOIN setting ON setting.program_id = stay.program_id AND setting.level_of_care = stay.level_of_care
