-- assessments: urine screens that found anything: 1 where opioids were among it, 0 where only something else was.
-- A clean screen and no screen look the same in the file (no row), so neither is made up.
SELECT who AS patient_id, 'UDS_OPIOID' AS instrument_id, CAST(CAST("when" AS DOUBLE) AS INTEGER) AS assessed_day,
       MAX(CASE WHEN what = 'Opioid' THEN 1 ELSE 0 END) AS score
FROM uds
GROUP BY who, "when"
ORDER BY patient_id, assessed_day
