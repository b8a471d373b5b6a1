-- hospital_program: programs that bill as hospitals, where ASAM level 3.7 is inpatient care
-- grain: one row per program_id
-- weakness: a program that exports neither place of service nor type of bill is never known to be a hospital
--
-- At least half of the services that say where they took place say: an inpatient hospital.
WITH placed AS (
    SELECT program_id,
           CASE WHEN LPAD(pos, 2, '0') IN ('21', '51') OR LPAD(bill_type, 4, '0') LIKE '011%' THEN 1 ELSE 0 END AS in_hospital
    FROM staging.sessions
    WHERE pos IS NOT NULL OR bill_type IS NOT NULL
)
SELECT program_id, COUNT(*) AS placed_services, SUM(in_hospital) AS hospital_services
FROM placed
GROUP BY program_id
HAVING 2 * SUM(in_hospital) >= COUNT(*)
