-- programs: one per trial and treatment.  Site is the trial: masked sites were split and merged to hide the clinics.
WITH place AS (
    SELECT who, 'T' || project AS site FROM everybody
),
given AS (
    SELECT who, treatment, REPLACE(REPLACE(treatment, ' + ', '-'), ' ', '-') AS arm FROM randomization WHERE "which" = '1'
)
SELECT DISTINCT place.site || '-detox' AS program_id, 'IP' AS level_of_care, place.site AS site, 'detoxification' AS model
FROM place
JOIN detox ON detox.who = place.who
UNION ALL
SELECT DISTINCT place.site || '-' || COALESCE(given.arm, 'none') AS program_id,
       'OP' AS level_of_care, place.site AS site,
       CASE WHEN given.treatment = 'Methadone' THEN 'methadone' WHEN given.treatment LIKE '%NTX%' THEN 'naltrexone'
            WHEN given.treatment LIKE '%BUP%' THEN 'buprenorphine' ELSE 'not_randomized' END AS model
FROM place
LEFT JOIN given ON given.who = place.who
ORDER BY program_id
