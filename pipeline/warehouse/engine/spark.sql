-- What Spark says its own way; every other word of the tables' SQL is also understood by DuckDB.
-- Days are integers: days since 1970-01-01 where the study has calendar days, else days from any one origin per person.
CREATE OR REPLACE TEMPORARY FUNCTION days_between(earlier INT, later INT) RETURNS INT RETURN later - earlier;
CREATE OR REPLACE TEMPORARY FUNCTION period_of_day(day INT) RETURNS STRING RETURN
    CAST(YEAR(DATE_FROM_UNIX_DATE(day)) AS STRING) || 'Q' || CAST(QUARTER(DATE_FROM_UNIX_DATE(day)) AS STRING);
CREATE OR REPLACE TEMPORARY FUNCTION month_of_day(day INT) RETURNS STRING RETURN
    SUBSTRING(CAST(DATE_FROM_UNIX_DATE(day) AS STRING), 1, 7);
