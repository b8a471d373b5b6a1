-- patients: one row per person of OMOP, observed over the longest of their observation periods
--
-- A mapping takes a cell of another table only where a person has one; somebody may have several observation periods,
-- and nothing is known of them between two.  Concepts: OMOP Gender 8507, 8532; Race; Ethnicity 38003563 Hispanic or Latino.
WITH period AS (
    SELECT CAST(person_id AS VARCHAR) AS person_id,
           TRY_CAST(observation_period_start_date AS DATE) AS first_day,
           TRY_CAST(observation_period_end_date AS DATE) AS last_day
    FROM observation_period
),
longest AS (
    SELECT person_id, first_day, last_day,
           ROW_NUMBER() OVER (PARTITION BY person_id ORDER BY last_day - first_day DESC NULLS LAST, last_day DESC NULLS LAST,
                                                              first_day DESC NULLS LAST) AS place
    FROM period
)
SELECT CAST(person.person_id AS VARCHAR) AS patient_id,
       person.year_of_birth AS birth_year,
       CASE CAST(person.gender_concept_id AS VARCHAR) WHEN '8507' THEN 'M' WHEN '8532' THEN 'F' ELSE 'U' END AS sex,
       CASE WHEN CAST(person.ethnicity_concept_id AS VARCHAR) = '38003563' THEN 'HISP'
            ELSE CASE CAST(person.race_concept_id AS VARCHAR)
                     WHEN '8527' THEN 'WHITE' WHEN '8516' THEN 'BLACK' WHEN '8515' THEN 'ASIAN'
                     WHEN '8657' THEN 'AIAN' WHEN '8557' THEN 'NHPI' ELSE 'UNK' END END AS race_ethnicity,
       longest.first_day AS observed_from_date,
       longest.last_day AS observed_to_date
FROM person
LEFT JOIN longest ON longest.person_id = CAST(person.person_id AS VARCHAR) AND longest.place = 1
