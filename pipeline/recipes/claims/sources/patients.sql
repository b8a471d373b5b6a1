-- patients: one row per person of the eligibility file, observed over their longest time of enrollment without a break
--
-- Months of enrollment that follow each other are one time.  Nothing is seen of a person between two.
WITH span AS (
    SELECT CAST(person_id AS VARCHAR) AS person_id,
           TRY_CAST(enrollment_start_date AS DATE) AS first_day,
           TRY_CAST(enrollment_end_date AS DATE) AS last_day
    FROM eligibility
),
marked AS (
    SELECT person_id, first_day, last_day,
           CASE WHEN first_day <= 1 + MAX(last_day) OVER (PARTITION BY person_id ORDER BY first_day NULLS LAST, last_day NULLS LAST
                                                          ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
                THEN 0 ELSE 1 END AS begins
    FROM span
),
numbered AS (
    SELECT marked.*,
           SUM(begins) OVER (PARTITION BY person_id ORDER BY first_day NULLS LAST, last_day NULLS LAST
                             ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS time_no
    FROM marked
),
enrolled AS (
    SELECT person_id, time_no, MIN(first_day) AS first_day, MAX(last_day) AS last_day
    FROM numbered
    GROUP BY person_id, time_no
),
longest AS (
    SELECT person_id, first_day, last_day,
           ROW_NUMBER() OVER (PARTITION BY person_id ORDER BY last_day - first_day DESC NULLS LAST, last_day DESC NULLS LAST,
                                                              time_no NULLS LAST) AS place
    FROM enrolled
),
person AS (
    SELECT CAST(person_id AS VARCHAR) AS person_id, MAX(CAST(birth_date AS VARCHAR)) AS birth_date, MAX(gender) AS gender,
           MAX(race) AS race, MAX(state) AS state
    FROM eligibility
    GROUP BY CAST(person_id AS VARCHAR)
)
SELECT person.person_id AS patient_id,
       YEAR(TRY_CAST(person.birth_date AS DATE)) AS birth_year,
       CASE LOWER(SUBSTRING(person.gender, 1, 1)) WHEN 'f' THEN 'F' WHEN 'm' THEN 'M' ELSE 'U' END AS sex,
       CASE LOWER(person.race) WHEN 'white' THEN 'WHITE' WHEN 'black or african american' THEN 'BLACK' WHEN 'asian' THEN 'ASIAN'
            WHEN 'american indian or alaska native' THEN 'AIAN' WHEN 'native hawaiian or other pacific islander' THEN 'NHPI'
            WHEN 'other race' THEN 'OTHER' ELSE 'UNK' END AS race_ethnicity,
       CASE WHEN LENGTH(person.state) = 2 THEN UPPER(person.state) END AS state,
       longest.first_day AS observed_from_date,
       longest.last_day AS observed_to_date
FROM person
LEFT JOIN longest ON longest.person_id = person.person_id AND longest.place = 1
