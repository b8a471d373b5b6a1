-- person: a short number for everybody, so that the long tables compare numbers instead of tokens
-- grain: one row per patient_id
-- weakness: the number changes when people are added; it is never shown and never kept between builds
SELECT patient_id, CAST(ROW_NUMBER() OVER (ORDER BY patient_id NULLS LAST) AS INTEGER) AS person_no,
       observed_from_day, observed_to_day
FROM staging.patients
