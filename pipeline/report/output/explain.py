"""One number, traced: what it says, of whom, how it was made, what it rests on, and the hashes of what it was made
from."""

import difflib
from dataclasses import asdict, dataclass
from typing import Any

from pipeline.errors import UsageError
from pipeline.report.again import again_said
from pipeline.report.disclosure.derived import conceal
from pipeline.report.disclosure.gate import Tables
from pipeline.report.disclosure.suppressed import is_suppressed
from pipeline.report.names import arm_label
from pipeline.report.numbers import plural
from pipeline.report.questions.sentence_of import sentence_of
from pipeline.report.release_ledger import note_release
from pipeline.report.released import Released, released
from pipeline.report.sections.checks import LIMITS
from pipeline.report.sentences.generic import beside_hidden_harm
from pipeline.report.words import reason, why_hidden, worded
from pipeline.results import COUNTS, NUMBERS, Diagnostic, GateWord, Result
from pipeline.study import Study

ORIGIN = ("study_hash", "inputs_hash", "code_version", "code_hash", "schema_version", "seed", "started")


@dataclass(frozen=True, slots=True)
class Explanation:
    """A released result with its sentence, diagnostics, the rows beside it, and where it came from."""

    row: Result
    sentence: str
    diagnostics: tuple[Diagnostic, ...]
    beside: tuple[Result, ...]
    origin: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        return {
            "result": shown(self.row),
            "sentence": self.sentence,
            "diagnostics": [shown(d) for d in self.diagnostics],
            "beside": [shown(row) for row in self.beside],
            "origin": self.origin,
        }

    def standing(self) -> str:
        """Whether it is answered, hidden, withheld or not known, and why: the first thing to be read."""
        if self.row.gate == GateWord.WITHHELD:
            return f"WITHHELD: {reason(self.row)}."
        if is_suppressed(self.row.estimate):
            return f"NOT SHOWN: {why_hidden(self.row)}."
        if self.row.estimate is None and self.row.unit != "people":
            return f"NOT KNOWN: {reason(self.row) or 'no estimate was made'}."
        told = [d for d in self.diagnostics if not d.passed]
        limits = f", with {plural(len(told), 'check')} below its line, told as a limit" if told else ""
        return f"ANSWERED{f': {self.row.verdict}' if self.row.verdict else ''}{limits}."

    def word(self, d: Diagnostic) -> str:
        """passed; FAILED where the row is withheld for it; told where it withholds nothing."""
        failed = self.row.gate == GateWord.WITHHELD and d.check not in LIMITS
        return "passed" if d.passed else "FAILED" if failed else "told"

    def gravity(self, d: Diagnostic) -> int:
        """Failed lines first, then those that are told."""
        return ("FAILED", "told", "passed").index(self.word(d))

    def lines(self) -> list[str]:
        """The same for a person to read."""
        said = [self.row.result_id, self.standing(), *([self.sentence] if self.sentence else []), "", "what it is"]
        said += [
            f"  {name:<18}{value}"
            for name, value in shown(self.row).items()
            if value not in ("", None) and name != "result_id"
        ]
        said += ["", "what it rests on"] if self.diagnostics else []
        said += [
            f"  {self.word(d):<8}{d.check:<20}{worded(d.covariate)}{f' ({arm_label(d.arm)})' if d.arm else ''}: "
            f"{measured(d)}"
            for d in sorted(self.diagnostics, key=self.gravity)
        ]
        said += ["", "beside it"] if self.beside else []
        said += [f"  {row.analysis:<14}{row.measure:<24}{number(row.estimate)}{row.varied}" for row in self.beside]
        return [*said, "", "made from", *(f"  {name:<18}{value}" for name, value in self.origin.items())]


def explain(study: Study, result_id: str) -> Explanation:
    """Traces one released result, and notes in the ledger that it and the rows beside it were shown.

    Raises UsageError for an id that does not exist, with the nearest ones.
    """
    outcome_of = released(study)
    row = next((one for one in outcome_of.tables.results if one.result_id == result_id), None)
    if row is None:
        raise unknown_id(outcome_of, result_id)
    beside = [one for one in outcome_of.tables.results if one.twin_of == result_id or one.result_id == row.twin_of]
    told = [as_told(outcome_of, one) for one in (row, *beside)]
    note_release(study, Tables(results=tuple(told)))
    return Explanation(
        told[0],
        sentence(outcome_of, row),
        tuple(d for d in outcome_of.tables.diagnostics if d.result_id == result_id),
        tuple(told[1:]),
        {name: outcome_of.manifest.get(name) for name in ORIGIN} | {"released_results": outcome_of.results_hash},
    )


def unknown_id(outcome_of: Released, result_id: str) -> UsageError:
    """The refusal, with the ids that are spelled most alike and with how to list all of them."""
    known = [one.result_id for one in outcome_of.tables.results]
    near = difflib.get_close_matches(result_id, known, n=3, cutoff=0.3)
    near = near or [one for one in known if result_id.strip() and one.lower().startswith(result_id.strip().lower())][:3]
    hint = f"; near it: {', '.join(near)}" if near else f"; they look like {known[0]}" if known else ""
    return UsageError(
        f'no result is called "{result_id}"{hint}. All ids stand in the first column of: carelevels results'
        f" {outcome_of.study.folder} --csv"
    )


def sentence(outcome_of: Released, row: Result) -> str:
    """What the row says, with how sure we are of it."""
    said = sentence_of(outcome_of, row)
    return f"{said.point} {said.whole}".strip() + (f" [{said.tag}]" if said.tag else "") + again_said(outcome_of, row)


def as_told(outcome_of: Released, row: Result) -> Result:
    """The row as its sentence tells it: how many got better is not told where how many got worse is hidden."""
    told: Result = conceal(row, (*NUMBERS, *COUNTS, "ess")) if beside_hidden_harm(outcome_of, row) else row
    return told


def shown(row: Any) -> dict[str, Any]:
    """A row as a dict in which hidden cells say so."""
    named = {"result_id": row.result_id} | asdict(row)
    return {name: str(value) if is_suppressed(value) else value for name, value in named.items()}


def measured(d: Diagnostic) -> str:
    """'0.253 before, 0 after, line 0.1': what a check found, and the line that it is held to."""
    found = [(d.before, " before"), (d.after, " after" if d.before is not None else "")]
    told = [f"{number(value).strip()}{when}" for value, when in found if value is not None]
    return ", ".join([*told, *([f"line {number(d.threshold).strip()}"] if d.threshold is not None else [])])


def number(value: Any) -> str:
    """To four decimals: what weights leave of an imbalance is 0, not 1e-16."""
    return "" if value is None else f"{value} " if is_suppressed(value) else f"{round(value, 4) + 0:g} "
