"""Method in four lines, and where every number came from."""

import hashlib
import json
from collections.abc import Sequence

from pipeline.report.fragment import Fragment, text
from pipeline.report.names import arm_contents, scale
from pipeline.report.numbers import day, percent
from pipeline.report.released import Released
from pipeline.report.sentences.controls import about_controls
from pipeline.report.words import fixed_margin
from pipeline.study import main_outcome

LISTED = 400  # more rows than that are looked up in the table
TAGS = """<b>Fairly sure</b>: the range rules out the opposite, or rules out worse by more than the margin. <b>Could be
zero</b>: the range holds both better and worse. <b>Still open</b>: it does not, yet the answer does not stand, for
example because of those not measured. <b>Depends on a choice</b>: another defensible way of counting turns it round.
<b>Cannot say</b>: a check failed, and no difference is given, at most what these records leave open.
No tag: no verdict is drawn."""
CARE = """A level of care is chosen clinically. Nothing here is advice about one person, and a program that studies
itself has an interest in the answer."""
WHO = """<b>Who.</b> Everybody who started{new}. Day 0 is the first
attended service, and the level on day 0 counts, whatever came later. {contents}"""
NEW = " new: no service at a compared level in the {washout} days before"
LIKE = """<b>Like for like.</b> Each comparison weights the two groups so that {whom}, within sites, and then models the
outcome; ranges are 95% unless several verdicts share them."""
WHOM = {
    "overlap": "people who could have started at either level count most",
    "combined": "each resembles everybody who started at either level",
    "matching": "people with a match at the other level count most",
    "treated": "each resembles those who started at one named level",
}
COUNTS = """<b>What counts.</b> {outcome} Still in care means no silence longer than {gap} days; leaving early is an
ending that was not planned. {margin}"""
SCORE = "The {name} nearest day {day} (days {first} to {last}) against the score at the start."
MARGIN = "The margin of {margin} keeps at least {kept} of what the comparator does."
WITHHELD = """<b>What is withheld.</b> A comparison that fails a check gives no difference, and neither does its
unadjusted twin; where people are only too few, it says what these records leave open.
Counts under {threshold} are hidden, and so is what would give them away."""


def method(released: Released) -> Fragment:
    """Who, how compared, what counts, what is withheld."""
    study, washout = released.study, released.study.episodes.washout_days
    score, margin = "No symptom scale is part of this study.", ""
    outcome = main_outcome(study)
    if outcome is not None:
        first, last = outcome.window
        score = SCORE.format(name=text(scale(study, outcome.name)[0]), day=outcome.day, first=first, last=last)
        if outcome.usable_margin:
            margin = MARGIN.format(margin=fixed_margin(outcome), kept=percent(outcome.preserved))
    lines = (
        WHO.format(
            new=NEW.format(washout=washout) if washout else " at a compared level",
            contents=text(arm_contents(study, released.arms)),
        ),
        LIKE.format(whom=WHOM[study.comparison.target.split(":")[0]]),
        COUNTS.format(outcome=score, gap=study.retention.gap_days, margin=margin),
        WITHHELD.format(threshold=study.disclosure.threshold),
    )
    items = "".join(f"<li>{line.strip()}</li>" for line in lines)
    care = f"{CARE} {text(about_controls(released))}"
    return Fragment(
        '<section class="method"><h2>Method, in four lines</h2><details><summary>Who, how, what counts, and what is'
        f" withheld</summary><ol>{items}</ol><p>{TAGS}</p><p>{care}</p></details></section>"
    )


def provenance(released: Released, *fragments: Fragment) -> Fragment:
    """The rows a page shows, and the hashes of everything it was made from."""
    m = released.manifest
    used = tuple(dict.fromkeys(one for fragment in fragments for one in fragment.used))
    packages = ", ".join(
        f"{name} {version}" for name, version in sorted(json.loads(str(m.get("packages") or "{}")).items())
    )
    facts = [
        f"Study {short(m.get('study_hash') or hashlib.sha256(str(m.get('study_json')).encode()).hexdigest())}",
        f"inputs {short(m.get('inputs_hash'))}",
        f"released results {short(released.results_hash)}",
        f"carelevels {m.get('code_version')}" + (f" ({short(m.get('code_hash'))})" if m.get("code_hash") else ""),
        f"schema {m.get('schema_version')}",
        f"seed {m.get('seed')}",
        f"regime {m.get('regime')}",
        frozen(released),
    ]
    rows = listed_rows(used) if used else ""
    simulated = " Simulated data: no real people." if m.get("synthetic") else ""
    until = f" Data to {day(str(m['data_to']))}; later data restate earlier periods." if m.get("data_to") else ""
    return Fragment(
        f'{rows}<p class="facts">{text(" · ".join(fact for fact in facts if fact))}.'
        f" {text(packages)}.{until}{simulated}</p>"
    )


def listed_rows(used: Sequence[str]) -> str:
    """The rows a page shows, folded; of a page of very many, where they stand."""
    if len(used) > LISTED:
        return (
            f'<p class="facts">This page shows {len(used):,} results rows; they stand in'
            ' <a href="tables/results.csv">tables/results.csv</a>.</p>'
        )
    listing = "".join(f"<li><code>{text(one)}</code></li>" for one in used)
    return (
        f'<details class="listing"><summary>The {len(used)} results rows this page shows</summary><ul'
        f" class=rows>{listing}</ul></details>"
    )


def short(digest: object) -> str:
    return str(digest or "unknown")[:12]


def frozen(released: Released) -> str:
    """When the protocol was fixed, and whether it still stands."""
    m = released.manifest
    if not m.get("frozen"):
        return "protocol not frozen before outcomes were read"
    before = "before" if m.get("before_outcomes") else "after"
    amended = f", amended {m['amendments']} times since" if m.get("amendments") else ""
    return f"protocol frozen {day(str(m['frozen']))}, {before} outcomes were read{amended}" + (
        "" if m.get("as_frozen") else ", and changed since"
    )
