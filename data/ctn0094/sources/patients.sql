-- patients: everybody who consented, randomized or not.  Nothing is filled in: 208 people have no age.
-- observed_from is the first day of any service record.  What people remember of earlier days (tlfb) is no service record.
-- observed_to is set by design and not by who came back: randomization plus the planned weeks of the trial's first phase,
-- follow-up included.  Somebody who was never randomized was followed no longer than the last record.
-- Project 30's second phase is not counted: only those for whom the first had failed entered it.
WITH recorded AS (
    SELECT who, CAST("when" AS DOUBLE) AS day FROM visit
    UNION ALL
    SELECT who, CAST("when" AS DOUBLE) AS day FROM detox
    UNION ALL
    SELECT who, CAST("when" AS DOUBLE) AS day FROM uds
),
seen AS (
    SELECT who, MIN(day) AS first_day, MAX(day) AS last_day FROM recorded GROUP BY who
),
planned AS (
    SELECT project, treatment, 7 * SUM(CAST(weeks AS DOUBLE)) AS days
    FROM meta_study_length
    WHERE phase = '1'
    GROUP BY project, treatment
),
followed AS (
    SELECT person.who, CAST(drawn."when" AS DOUBLE) + planned.days AS last_planned_day
    FROM everybody AS person
    JOIN randomization AS drawn ON drawn.who = person.who AND drawn."which" = '1'
    JOIN planned ON planned.project = person.project AND planned.treatment = drawn.treatment
)
SELECT person.who AS patient_id,
       CAST(LEAST(0, COALESCE(seen.first_day, 0)) AS INTEGER) AS observed_from_day,
       CAST(COALESCE(followed.last_planned_day, GREATEST(0, COALESCE(seen.last_day, 0))) AS INTEGER) AS observed_to_day,
       CAST(CAST(demographics.age AS DOUBLE) AS INTEGER) AS age_at_index,
       CASE demographics.is_male WHEN 'Yes' THEN 'M' WHEN 'No' THEN 'F' END AS sex,
       CASE WHEN demographics.is_hispanic = 'Yes' THEN 'HISP'
            WHEN demographics.race = 'Black' THEN 'BLACK'
            WHEN demographics.race = 'White' THEN 'WHITE'
            WHEN demographics.race = 'Other' THEN 'OTHER'
            ELSE 'UNK' END AS race_ethnicity,
       CASE demographics.education WHEN 'Less than HS' THEN 'less_than_high_school' WHEN 'HS/GED' THEN 'high_school'
                                   WHEN 'More than HS' THEN 'more_than_high_school' END AS education,
       CASE demographics.job WHEN 'Full Time' THEN 'full_time' WHEN 'Part Time' THEN 'part_time' WHEN 'Unemployed' THEN 'unemployed'
                             WHEN 'Student' THEN 'student' WHEN 'Other' THEN 'other' END AS employment,
       CASE demographics.marital WHEN 'Never married' THEN 'never_married' WHEN 'Married or Partnered' THEN 'married'
                                 WHEN 'Separated/Divorced/Widowed' THEN 'formerly_married' END AS marital
FROM everybody AS person
LEFT JOIN seen ON seen.who = person.who
LEFT JOIN followed ON followed.who = person.who
LEFT JOIN demographics ON demographics.who = person.who
ORDER BY patient_id
