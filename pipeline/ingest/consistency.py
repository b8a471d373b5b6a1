"""Tables held against each other: what is possible but unlikely is counted and told, and the rows stay."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import duckdb

from pipeline.ingest.files.places import places
from pipeline.ingest.report import Breach
from pipeline.levels import TWENTY_FOUR_HOUR
from pipeline.measures.library import instruments
from pipeline.storage.quoting import literals

NEAR_EPISODE_DAYS = 14
LONG_STAY = 3  # nights
ADULT = 18

# each: table, rule, the tables and columns it needs, SQL that gives source_file and source_row, sentence, advice
CHECKS = (
    (
        "sessions",
        "session_outside_episode",
        {"sessions.episode_id", "episodes.episode_id"},
        f"""
        SELECT s.source_file, s.source_row FROM staging.sessions AS s
        JOIN staging.episodes AS e ON e.episode_id = s.episode_id
        WHERE s.service_day < e.start_day - {NEAR_EPISODE_DAYS} OR s.service_day > e.end_day + {NEAR_EPISODE_DAYS}""",
        "lie more than 14 days outside the episode they name",
        "check the episode's dates or the episode_id",
    ),
    (
        "sessions",
        "one_bed_day_of_a_long_stay",
        {"sessions.status", "sessions.episode_id", "episodes.level_of_care"},
        f"""
        SELECT s.source_file, s.source_row FROM staging.sessions AS s
        JOIN staging.episodes AS e ON e.episode_id = s.episode_id
        JOIN (SELECT episode_id FROM staging.sessions WHERE status = 'bed_day'
              GROUP BY episode_id HAVING count(*) = 1) AS alone ON alone.episode_id = s.episode_id
        WHERE s.status = 'bed_day' AND e.level_of_care IN ({literals(TWENTY_FOUR_HOUR)})
          AND e.end_day - e.start_day >= {LONG_STAY}""",
        "are the only bed day of a stay of several nights",
        "one line for room and board is no night: export a bed day for every night, or the stay lasts one day",
    ),
    (
        "patients",
        "observation_after_the_records",
        {"patients.observed_to_day"},
        """
        SELECT p.source_file, p.source_row FROM staging.patients AS p
        JOIN loaded.patients_kept AS told ON told.patient_id = p.patient_id
        WHERE told.observed_to_day > p.observed_to_day""",
        "have an observation that ends after the last day of any record",
        "it was taken to end there: nobody is seen beyond the records",
    ),
    (
        "sessions",
        "two_stays_on_one_day",
        {"sessions.status"},
        """
        SELECT s.source_file, s.source_row FROM staging.sessions AS s
        JOIN (SELECT patient_id, service_day FROM staging.sessions WHERE status = 'bed_day'
              GROUP BY patient_id, service_day HAVING count(DISTINCT program_id) > 1) AS twice
          ON twice.patient_id = s.patient_id AND twice.service_day = s.service_day
        WHERE s.status = 'bed_day'""",
        "share their day with a bed day of the same person in another program",
        "only one of the two can be; the more intensive one sets the level",
    ),
    (
        "episodes",
        "two_stays_on_one_day",
        {"episodes.level_of_care"},
        f"""
        SELECT source_file, source_row FROM (
            SELECT source_file, source_row, start_day,
                   max(COALESCE(end_day, start_day)) OVER (
                       PARTITION BY patient_id ORDER BY start_day, end_day NULLS LAST, episode_id
                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS busy_until
            FROM staging.episodes WHERE level_of_care IN ({literals(TWENTY_FOUR_HOUR)})) AS stays
        WHERE start_day < busy_until""",
        "are a 24-hour stay that begins while another of the same person goes on",
        "check the dates of both",
    ),
    (
        "assessments",
        "discharge_score_before_intake",
        {"assessments.occasion"},
        """
        SELECT later.source_file, later.source_row FROM staging.assessments AS later
        JOIN (SELECT patient_id, instrument_id, subscale, episode_id, min(assessed_day) AS intake_day
              FROM staging.assessments WHERE occasion = 'intake'
              GROUP BY patient_id, instrument_id, subscale, episode_id) AS intake
          ON intake.patient_id = later.patient_id AND intake.instrument_id = later.instrument_id
             AND intake.subscale = later.subscale AND intake.episode_id IS NOT DISTINCT FROM later.episode_id
        WHERE later.occasion = 'discharge' AND later.assessed_day < intake.intake_day""",
        "are a discharge score from before the intake score",
        "check the days; scores are chosen by day, not by occasion",
    ),
    (
        "discharges",
        "completed_with_few_contacts",
        {"discharges.ending", "sessions.episode_id"},
        f"""
        SELECT d.source_file, d.source_row FROM staging.discharges AS d
        LEFT JOIN (SELECT episode_id, count(*) AS contacts FROM staging.sessions
                   WHERE status IN ('attended', 'bed_day') AND episode_id IS NOT NULL GROUP BY episode_id) AS seen
          ON seen.episode_id = d.episode_id
        ANTI JOIN (SELECT episode_id FROM staging.episodes
                   WHERE level_of_care IN ({literals(TWENTY_FOUR_HOUR)}) AND end_day > start_day) AS nights
          ON nights.episode_id = d.episode_id
        WHERE d.ending = 'completed' AND COALESCE(seen.contacts, 0) < 2""",
        "call an episode completed that has fewer than two contacts",
        "is the ending right, or are its sessions under another episode_id?",
    ),
    (
        "programs",
        "sites_alike",
        {"programs.site"},
        """
        SELECT one.source_file, one.source_row FROM staging.programs AS one
        JOIN (SELECT lower(regexp_replace(site, '[^\\p{L}\\p{N}]+', '', 'g')) AS bare FROM staging.programs
              GROUP BY bare HAVING count(DISTINCT site) > 1) AS alike
          ON alike.bare = lower(regexp_replace(one.site, '[^\\p{L}\\p{N}]+', '', 'g'))""",
        "give a site that differs from another only in capitals, blanks or marks",
        "they count as two sites, each with pages of its own; spell one site alike",
    ),
)


# each: table, column, the table whose key it names, what it is called
LINKS = (
    ("sessions", "episode_id", "episodes", "an episode"),
    ("assessments", "episode_id", "episodes", "an episode"),
    ("costs", "episode_id", "episodes", "an episode"),
    ("episodes", "program_id", "programs", "a program"),
    ("sessions", "program_id", "programs", "a program"),
    ("sessions", "therapist_id", "providers", "a therapist"),
)
LINK_COSTS = {
    "episodes": "they count by their person and day",
    "programs": "such a program counts as a site of its own",
    "providers": "what is told of therapists leaves them out",
}


def link_checks() -> Iterator[tuple[str, str, set[str], str, str, str]]:
    """Ids that are in no row of the table they name."""
    for table, column, other, called in LINKS:
        link = f"FROM staging.{table} AS r ANTI JOIN staging.{other} AS known ON known.{column} = r.{column}"
        where = f"WHERE r.{column} IS NOT NULL AND EXISTS (SELECT 1 FROM staging.{other})"
        yield (
            table,
            f"{column}_unknown",
            {f"{table}.{column}", f"{other}.{column}"},
            f"SELECT r.source_file, r.source_row {link} {where}",
            f"name {called} that is not in {other}",
            f"{LINK_COSTS[other]}; are the ids spelled alike in both files?",
        )


def consistency_warnings(con: duckdb.DuckDBPyConnection, columns: Collection[str], files: list[str]) -> list[Breach]:
    """Warnings across tables; `columns` names the table.column pairs that were delivered, `files` the files by
    index."""
    found = [
        warning(con, table, rule, sql, sentence, advice, files)
        for table, rule, needs, sql, sentence, advice in (*CHECKS, *link_checks(), minors(con))
        if needs <= set(columns)
    ]
    return [breach for breach in found if breach]


def minors(con: duckdb.DuckDBPyConnection) -> tuple[str, str, set[str], str, str, str]:
    """Adult forms given to people under 18, by age at first service or by year of birth where days are dates.

    Of a year of birth only those count who cannot have turned 18 in the year of the form.
    """
    adult = literals(key for key, row in instruments().items() if row["population"] == "adult")
    [(calendar,)] = con.execute("SELECT calendar FROM staging.facts").fetchall()
    born = "year(DATE '1970-01-01' + a.assessed_day) - p.birth_year" if calendar else "NULL"
    return (
        "assessments",
        "adult_instrument_for_a_minor",
        {"assessments.instrument_id"},
        f"""
        SELECT a.source_file, a.source_row
        FROM staging.assessments AS a JOIN staging.patients AS p ON p.patient_id = a.patient_id
        WHERE a.instrument_id IN ({adult}) AND COALESCE(p.age_at_index, {born}) < {ADULT}""",
        "give a form for adults to a person who was under 18 on its day",
        "its norms and cut-offs do not hold for them",
    )


def warning(
    con: duckdb.DuckDBPyConnection, table: str, rule: str, sql: str, sentence: str, advice: str, files: list[str]
) -> Breach | None:
    """One warning with its first places; None where nothing was found."""
    found = places(con, files, sql)
    if not found.rows:
        return None
    return Breach(table, rule, "warning", sentence, found.rows, found.first, advice, found.files, found.lines)
