"""The trial one would run beside what the records allow, and the methods paragraph; both written from the study's own
choices."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.choices.asked import Outcome
from pipeline.report.four_sentences import in_order
from pipeline.report.fragment import Fragment, section, table, text
from pipeline.report.names import NOT_IN_MODEL, arm_contents, arm_phrase, confounder, event, scale
from pipeline.report.numbers import day, listed, percent, plain, plural
from pipeline.report.released import Released
from pipeline.report.sections.method import frozen, short
from pipeline.report.words import fixed_margin
from pipeline.results import Result
from pipeline.study import Study, main_outcome, standing_outcomes

TARGETS = {
    "overlap": "people who could have started at either level",
    "combined": "everybody who started at either level",
    "matching": "people with a match at the other level",
    "treated": "people like those who started at one named level",
}
ESTIMATED = {
    "overlap": "overlap weights",
    "combined": "inverse probability weights",
    "matching": "matching weights",
    "treated": "weights toward the named level",
}


def target_trial(released: Released) -> Fragment:
    """Protocol beside emulation, element by element, for the first comparison."""
    study, rows = released.study, in_order(released)
    if not rows:
        return Fragment("")
    row, outcome = rows[0], next((one for one in study.outcomes if one.name == rows[0].outcome), None)
    pair = f"{arm_phrase(row.arm)} and {arm_phrase(row.reference)}"
    washout, target = study.episodes.washout_days, study.comparison.target.split(":")[0]
    lines = (
        (
            "Question",
            (
                f"Do people do as well when they start in {arm_phrase(row.arm)} as when they start in"
                f" {arm_phrase(row.reference)}?"
            ),
            "The same, of people who started at one of the two in usual care.",
        ),
        (
            "Eligibility",
            "People who begin"
            f" care{f', with no service at a compared level in the {washout} days before' if washout else ''}"
            + (f", and whose {scale(study, outcome.name)[0]} is taken at the start." if outcome else "."),
            "The same, read from services and stays."
            + (f" {start_score(study, outcome)}" if outcome else "")
            + " No score after the start, no length of stay and no ending decides who is in.",
        ),
        (
            "Strategies",
            f"Start in {pair.replace(' and ', ' or in ')}; afterwards care as clinically indicated.",
            (
                "The level of the first attended service. Later moves are part of what followed."
                f" {arm_contents(study, released.arms)}"
            ),
        ),
        (
            "Assignment",
            "By chance, and known to everybody.",
            f"By clinicians, payers and places. Held against chance by weighting within sites on {adjusted(study)}."
            f"{left_out(released)}",
        ),
        (
            "Time zero",
            "The day of assignment.",
            "The day of the first attended service; level and start values are fixed on it.",
        ),
        ("Follow-up", *follow_up(outcome, row)),
        ("Outcome", *outcome_words(study, outcome, row)),
        (
            "Contrast",
            (
                f"Difference between the two strategies in {TARGETS[target]}; moving on, leaving and dying belong to"
                " the strategy."
            ),
            (
                "The same difference, if nothing unmeasured decides both level and outcome, and if those measured can"
                " stand for similar people who were not. Whoever died before has no score; other ways of making the"
                " answer count a death as not better, and with the last score before it."
            ),
        ),
        (
            "Analysis",
            "Difference of means, everybody where assigned.",
            (
                f"{ESTIMATED[target][0].upper()}{ESTIMATED[target][1:]}, then an outcome model (augmented); weights for"
                f" being measured; sites as clusters. {margin_words(outcome)}Withheld where a check fails."
            ),
        ),
    )
    body = [[text(name), text(trial), text(here)] for name, trial, here in lines]
    head = ["Element", "The trial one would run", "What these records allow"]
    inner = table("Target trial and its emulation", head, body, kind="prose protocol")
    return Fragment(section("The question as a trial", inner), (row.result_id,))


def start_score(study: Study, outcome: Outcome) -> str:
    first, last = outcome.baseline_window
    return f"The score at the start lies between day {plain(first, 0)} and day {plain(last, 0)} and is never filled in."


def follow_up(outcome: Outcome | None, row: Result) -> tuple[str, str]:
    if outcome is None:
        return f"To day {row.day}.", f"To day {row.day}, for those whose records reach that far."
    first, last = outcome.window
    return (
        f"To day {outcome.day}.",
        (
            f"The score nearest day {outcome.day} within days {first} to {last}, whether or not the person was still in"
            " care; only for people whose records reach that far."
        ),
    )


def outcome_words(study: Study, outcome: Outcome | None, row: Result) -> tuple[str, str]:
    gap = study.retention.gap_days
    care = (
        f"Still in care means no silence longer than {gap} days, at any level; leaving early is an ending that was not"
        " planned."
    )
    if outcome is None:
        return f"Being in care, and leaving early, by day {row.day}.", care
    name = scale(study, outcome.name)[0]
    return (
        (
            f"Improvement on the {name} from the start to day {outcome.day}; leaving early; reliable change for better"
            " and for worse."
        ),
        f"As recorded by the programs. {care}",
    )


def margin_words(outcome: Outcome | None) -> str:
    if outcome is None or not outcome.usable_margin:
        return ""
    return (
        f"Not worse by more than {fixed_margin(outcome)}, which keeps at least "
        f"{percent(outcome.preserved)} of what the comparator is taken to do. "
    )


def adjusted(study: Study) -> str:
    """What is adjusted for, in words."""
    return listed(confounder(name) for name in (*study.confounders.core, *study.confounders.more))


def left_out(released: Released) -> str:
    """Of what is adjusted for, what the model of the first comparison leaves out: few people carry few columns."""
    first = next(iter(in_order(released)), None)
    checked = [d.covariate for d in released.tables.diagnostics if first and d.result_id == first.result_id]
    within = {name.split(":")[0] for name in checked if not name.endswith(NOT_IN_MODEL)}
    without = dict.fromkeys(name.removesuffix(NOT_IN_MODEL).split(":")[0] for name in checked)
    names = [uncapped(name) for name in without if name not in within]
    asked = tuple(map(confounder, (*released.study.confounders.core, *released.study.confounders.more)))
    names = [name for name in names if name.startswith(asked)]
    if not names:
        return ""
    return (
        " The first comparison has too few people for a model of all of these:"
        f" {listed(names)} stayed out of it, and whether the groups are alike in them was checked instead."
    )


def uncapped(label: str) -> str:
    """A label within a sentence."""
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


def methods_paragraph(released: Released) -> Fragment:
    """Text to paste into a paper: what was done, with the study's numbers."""
    inner = f'<blockquote class="paste"><p>{text(" ".join(methods(released)))}</p></blockquote>'
    note = (
        "Written from the choices in study.toml; check it against your journal's rules, and name who chose the margin"
        " and why."
    )
    return Fragment(section("Methods paragraph, to paste", inner, note=note))


def outcomes_told(study: Study) -> Iterator[str]:
    """What the primary contrast is about, the score in use, and its margin."""
    primary, outcome = "".join(study.comparison.primary[2:]), main_outcome(study)
    if primary in standing_outcomes(study):
        yield f"The primary outcome was whether people {event(study, primary, max(study.retention.days))}."
    if outcome is None:
        return
    name, (first, last) = scale(study, outcome.name)[0], outcome.window
    if primary.removeprefix("reliable_") == outcome.name:
        words = f"primary outcome was {'reliable ' * primary.startswith('reliable_')}improvement"
    else:
        words = "score followed was improvement"
    yield (
        f"The {words} on the {name} from the start to day {outcome.day} (score nearest day {outcome.day} within days"
        f" {first} to {last})."
    )
    if outcome.usable_margin:
        yield f"The non-inferiority margin was {fixed_margin(outcome)}."


def of_sites(number: object) -> str:
    return plural(number, "site") if isinstance(number, int) else "programs whose sites are not named"


def methods(released: Released) -> list[str]:
    """The sentences of the paragraph, in order."""
    study, m, gate = released.study, released.manifest, released.study.gate
    target = study.comparison.target.split(":")[0]
    span = (
        f" from {day(str(m['data_from']))} to {day(str(m['data_to']))}"
        if m.get("data_from") and m.get("data_to")
        else ""
    )
    said = [
        f"We emulated target trials with routinely recorded data of {of_sites(m.get('sites'))}{span}.",
        (
            f"Everybody who started care at a compared level was eligible{washed(study)}; time zero was the first"
            " attended service, and the level on that day defined the group, whatever came later."
        ),
    ]
    said += [
        *outcomes_told(study),
        f"Retention counted a person as in care until a silence of more than {study.retention.gap_days} days.",
        f"We adjusted for {adjusted(study)}, and for site.{left_out(released)}",
        (
            f"Groups were made comparable with {ESTIMATED[target]} (target: {TARGETS[target]}) from a multinomial"
            " logistic model, augmented with an outcome model; missing outcomes were handled by weights for being"
            " measured; standard errors include both models and treat sites as clusters, or where sites are few"
            " programs or therapists."
        ),
        (
            "One contrast was primary, at 95%; the other verdicts share one error of 5%, stepping down (Holm), and"
            " withheld contrasts spend nothing of it; everything else is exploratory."
        ),
        (
            "A contrast was withheld unless standardized differences after weighting stayed within"
            f" {plain(2 * gate.max_smd)}, or within what chance alone gives in samples of that size, at least"
            f" {percent(gate.min_equipoise)} of each group could plausibly have started at the other level, the"
            f" effective sample reached {plain(gate.min_ess, 0)} in each group, core confounders were recorded for"
            f" at least {percent(gate.min_recorded)}, and the outcome for at least {percent(gate.min_observed_share)}."
        ),
        f"Counts under {study.disclosure.threshold} are not shown.",
        (
            f"Analyses used carelevels {m.get('code_version')} ({packages(m)}; seed {m.get('seed')}; study"
            f" {short(m.get('study_hash'))}; inputs {short(m.get('inputs_hash'))}). Status of the protocol:"
            f" {frozen(released).removeprefix('protocol ')}."
        ),
    ]
    return said


def washed(study: Study) -> str:
    days = study.episodes.washout_days
    return f" after {days} days without a service at any compared level" if days else ""


def packages(manifest: Mapping[str, Any]) -> str:
    """'numpy 2.4, scipy 1.17', from the manifest."""
    known = json.loads(str(manifest.get("packages") or "{}"))
    return ", ".join(f"{name} {version}" for name, version in sorted(known.items()))
