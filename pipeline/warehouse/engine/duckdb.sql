-- What DuckDB says its own way; every other word of the tables' SQL is also understood by Spark.
-- Days are integers: days since 1970-01-01 where the study has calendar days, else days from any one origin per person.
CREATE OR REPLACE TEMP MACRO days_between(earlier, later) AS (later - earlier);
CREATE OR REPLACE TEMP MACRO period_of_day(day) AS (
    CAST(YEAR(DATE '1970-01-01' + day) AS STRING) || 'Q' || CAST(QUARTER(DATE '1970-01-01' + day) AS STRING)
);
CREATE OR REPLACE TEMP MACRO month_of_day(day) AS (SUBSTRING(CAST(DATE '1970-01-01' + day AS STRING), 1, 7));
