"""What the records are, how they are read, and how visits become stays at a level of care."""

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.choices.reason import chosen
from pipeline.levels import default_gaps


@dataclass(frozen=True, slots=True)
class Identity:
    """[study]: what this study is and under which privacy regime its records came."""

    name: str = chosen("", "the folder's name; names the pages")
    title: str = chosen("Outcomes by level of care", "stands at the head of each page")
    regime: str = chosen(
        "limited-data-set", "relative-days forbids every date but a year; the two others need an agreement or an expert"
    )
    raw: str = chosen("raw", "folder of the exported files; environment variables are allowed; files are never changed")
    synthetic: bool = chosen(False, "true puts a watermark on every page")
    seed: int = chosen(20260101, "one seed for everything random, kept in the manifest")


@dataclass(frozen=True, slots=True)
class Episodes:
    """[episodes]: when a stay ends, who counts as new, and how sessions become a level of care."""

    gap_days: Mapping[str, int] = chosen(
        default_gaps,
        "longest silence within one stay; 60 days is the Washington Circle tradition, shorter where visits are denser",
    )
    washout_days: int = chosen(60, "no service at any compared level before day 0, the same rule for every arm")
    seen_after: bool = chosen(
        True,
        "false for a register of single stays: what follows a stay, such as readmission, is in no record and not asked",
    )
    chain_days: int = chosen(14, "a next stay within 14 days continues the course (continuity-of-care window)")
    transfer_days: int = chosen(1, "next stay within a day is a direct transfer")
    residential_3_7: str = chosen("RES", "ASAM 3.7 counts as RES, or IP where the program is a hospital")
    adolescent_iop_hours: float = chosen(6.0, "under 18, IOP starts at 6 scheduled hours a week")
    iop_hours: float = chosen(9.0, "IOP starts at 9 scheduled hours a week")
    php_hours: float = chosen(20.0, "partial hospitalization starts at 20 scheduled hours a week")
    iop_day_hours: float = chosen(3.0, "a per-diem IOP code carries no minutes; the share imputed is printed")
    php_day_hours: float = chosen(5.0, "a per-diem PHP code carries no minutes; the share imputed is printed")


@dataclass(frozen=True, slots=True)
class Identifiers:
    """[identifiers]: columns that were mistaken for identifiers."""

    harmless: tuple[str, ...] = chosen(
        (),
        'columns that look like an identifier and are none, such as ["patients.ref"]; noted with every run; what is '
        "plainly one (an e-mail address, a social security number) stops the run all the same",
    )


@dataclass(frozen=True, slots=True)
class Records:
    """[records]: how the exported files are read."""

    missing: tuple[str, ...] = chosen(
        (),
        'words of your export for an empty cell, such as ["-", "999"]; NA, N/A, NULL, NaN, \\N, #N/A and a lone point'
        " are read so anyway",
    )
    accept_set_aside: tuple[str, ...] = chosen(
        (),
        'tables whose rows set aside are known and accepted, such as ["costs"]; what rests on them says so and is not'
        " withheld",
    )


@dataclass(frozen=True, slots=True)
class EngineChoices:
    """[engine]: where `--engine spark` runs.  It changes no number, so no protocol keeps it."""

    master: str = chosen("local[*]", "Spark on this machine; a cluster is spark://host:7077")
    remote: str = chosen(
        "", 'a server that speaks Spark Connect: "sc://host:15002"; its token as an environment variable ("$TOKEN")'
    )
    tables: str = chosen(
        "", 'a schema of Spark\'s catalog ("catalog.schema" or "schema"): its tables are the records, not raw files'
    )
    folder: str = chosen("", "a folder that this machine and the cluster see under one path; empty: the study's own")
    most_million_rows: int = chosen(50, "of one table that may come back to this machine for analysis")
    conf: Mapping[str, str] = chosen(dict, 'settings of Spark, such as { "spark.driver.memory" = "8g" }')
