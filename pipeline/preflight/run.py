"""`check` and `quarantine`: everything about the raw files at once, in memory, and what could be answered with them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pipeline.analysis.asking.set_aside import Lost, lost_tables, set_aside_shares
from pipeline.errors import UsageError
from pipeline.ingest.known.last_time import since_last_time
from pipeline.ingest.report import IngestReport
from pipeline.ingest.run import Read, checked, ingest
from pipeline.ingest.set_aside import SetAside, set_aside_rows
from pipeline.preflight.answerable import lacking_by_question, question_lines
from pipeline.preflight.built import build_people
from pipeline.preflight.due import Due, due_lines, due_list
from pipeline.preflight.facts import count
from pipeline.study import Study

Print = Callable[[str], None]
OWN_TERMINAL = (
    "--show tells what stands in the records: it writes to your own terminal alone, not into a file or another program;"
    " leave it out here"
)


@dataclass(frozen=True, slots=True)
class Preflight:
    """What could be answered, and whose scores are due."""

    report: IngestReport
    lacking: dict[str, list[str]]
    due: list[Due]
    lines: list[str]

    def as_json(self, threshold: int) -> dict[str, Any]:
        """The report with the questions and the due list; counts under the threshold are hidden."""
        due = [
            {
                "instrument": one.instrument,
                "due": one.said,
                "month": one.month,
                "people": one.people if one.people >= threshold else None,
            }
            for one in self.due
        ]
        return self.report.as_json() | {"questions": self.lacking, "due": due}


def preflight(study: Study, tell: Print, *, show: bool = False, read: Read = ingest) -> Preflight:
    """Checks the raw files and says what they could answer; every line is told as it is known.

    Raises StructureError or IdentifierError with all that stops the run, UsageError where --show has no terminal.
    """
    refuse_elsewhere(show)
    with checked(study, tell, read) as (con, report):
        build_people(con, study)
        facts = count(con, study)
        lost = lost_lines(set_aside_shares(con), lost_tables(con, study))
        due = due_list(con, study, show=show)
        lines = question_lines(facts)
    for line in (*since_last_time(study, report), *lost):
        tell(f"  {line}")
    tell("what these records can answer, as far as counting says (whether groups compare, only carelevels run says):")
    for line in lines:
        tell(f"  {line}")
    if due:
        tell("scores that are due as these records end:")
    for line in due_lines(due, study.disclosure.threshold):
        tell(f"  {line}")
    return Preflight(report, lacking_by_question(facts), due, lines)


def lost_lines(shares: Mapping[str, tuple[float, int]], lost: Lost) -> list[str]:
    """What the rows set aside mean for the answers."""
    lines = [
        f"{table}: {shares[table][0] * 100:.1f} % of its rows are set aside; every answer that rests on it is"
        ' withheld until they are mended, or their loss is accepted in study.toml: [records] accept_set_aside = ["'
        f'{table}"]'
        for table in lost.withheld
    ]
    return lines + [
        f"{table}: {shares[table][0] * 100:.1f} % of its rows are set aside, seldom a random part; every answer that"
        " rests on it will say so"
        for table in lost.told
    ]


def set_aside(study: Study, *, show: bool = False, read: Read = ingest) -> list[SetAside]:
    """Every row that is set aside, and every cell that is left out; with their values on the user's own terminal."""
    refuse_elsewhere(show)
    with checked(study, read=read) as (con, _):
        return set_aside_rows(con, show=show)


def refuse_elsewhere(show: bool) -> None:
    """Raises UsageError where values would go anywhere but to a terminal."""
    if show and not sys.stdout.isatty():
        raise UsageError(OWN_TERMINAL)


def plain(rows: list[SetAside]) -> list[dict[str, Any]]:
    """The rows as JSON knows them, without values."""
    return [{key: value for key, value in asdict(row).items() if key != "values"} for row in rows]
