-- iop_starts: the first attended IOP service on or after the day on which a person left 24-hour care
-- grain: one row per stay_id
-- weakness: IOP in programs that do not export here is not seen
WITH served AS (
    SELECT home.stay_id, day.service_day
    FROM discharges_home AS home
    JOIN service_days AS day ON day.person_no = home.person_no AND day.service_day >= home.discharge_day
    JOIN setting ON setting.setting_no = day.setting_no AND setting.level_of_care = 'IOP'
)
SELECT stay_id, MIN(service_day) AS iop_day
FROM served
GROUP BY stay_id
