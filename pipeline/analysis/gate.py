"""The gate: an adjusted contrast enters the results as a number only if every diagnostic passes.

Reasons are words with the rule's threshold and never carry a figure from the people themselves,
because a withheld result must not be readable from its refusal.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.results import Diagnostic, Verdict


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a contrast is withheld: the verdict, the failed diagnostics in words, and all that were looked at."""

    verdict: Verdict
    reason: str
    diagnostics: Sequence[Diagnostic] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the gate: the verdict where it fails and how to say so."""

    verdict: Verdict
    sentence: Callable[[Diagnostic], str]


def percent(share: float | None) -> str:
    return f"{0 if share is None else share:.0%}".replace("%", " %")


def confounders(covariate: str) -> str:
    """The confounders behind a model term, without the category: a rare one would say who is here."""
    terms = covariate.removesuffix(" (not in the model)").split(" × ")
    parts = (term.split(":")[0].removesuffix(" squared").rstrip(",") for term in terms)
    return " together with ".join(dict.fromkeys("Site" if part.startswith("Site ") else part for part in parts))


BOTH_LEVELS = "share of the effective sample at sites with both levels"
MEASURED_AT_BOTH = "share of the effective sample at sites with enough people measured at both levels"
SITES_UNNAMED = "share of the effective sample at sites with both levels, each program being its own site"
APART = {
    BOTH_LEVELS: (
        "level and site cannot be separated: too few people were treated at sites that offer both levels"
        " (at least {} are needed)"
    ),
    MEASURED_AT_BOTH: (
        "sites offer both levels, but hardly any has enough people with the outcome at both: sites that do must carry"
        " {} of the comparison"
    ),
    SITES_UNNAMED: (
        "level and site cannot be separated: programs.csv names no sites, so each program, which offers one level,"
        " counts as a site of its own; name the site of each program there"
    ),
}  # why sites do not tell levels apart
LINES: dict[str, Line] = {
    "set_aside": Line(
        Verdict.DESCRIPTIVE,
        lambda d: (
            f"too many rows of {d.covariate} could not be read and were set aside, and those are seldom a random part:"
            " mend the export, or accept the loss under [records] accept_set_aside in study.toml"
        ),
    ),
    "shared_sites": Line(
        Verdict.DESCRIPTIVE, lambda d: APART.get(d.covariate, APART[BOTH_LEVELS]).format(percent(d.threshold))
    ),
    "recorded": Line(
        Verdict.DESCRIPTIVE,
        lambda d: f"{d.covariate} is recorded for too few people in {d.arm} ({percent(d.threshold)} are needed)",
    ),
    "recorded_gap": Line(
        Verdict.DESCRIPTIVE, lambda d: f"{d.covariate} is recorded much more often at one level than at the other"
    ),
    "observed_n": Line(
        Verdict.DESCRIPTIVE,
        lambda d: f"too few people in {d.arm} have the outcome measured ({d.threshold:.0f} are needed)",
    ),
    "observed_share": Line(
        Verdict.DESCRIPTIVE,
        lambda d: f"too small a share of {d.arm} has the outcome measured ({percent(d.threshold)} are needed)",
    ),
    "observation_weight": Line(
        Verdict.DESCRIPTIVE,
        lambda d: "some people are so unlikely to be measured that those who were cannot stand for them",
    ),
    "negative_controls": Line(
        Verdict.DESCRIPTIVE,
        lambda d: (
            "outcomes that no level of care can change still differ between the groups "
            "after weighting, so something that was not measured differs too"
        ),
    ),
    "followed_n": Line(Verdict.DESCRIPTIVE, lambda d: f"too few people had {d.arm} ({d.threshold:.0f} are needed)"),
    "strategy_weight": Line(
        Verdict.NO_COMPARABLE,
        lambda d: f"some people were so unlikely to have {d.arm} that those who did cannot stand for them",
    ),
    "strategy_overlap": Line(
        Verdict.NO_COMPARABLE, lambda d: f"too few people who had {d.arm} could as well have done the other"
    ),
    "overlap": Line(
        Verdict.NO_COMPARABLE, lambda d: f"too few people in {d.arm} could plausibly have started at the other level"
    ),
    "balance": Line(
        Verdict.NO_COMPARABLE, lambda d: f"the groups still differ after weighting ({confounders(d.covariate)})"
    ),
    "variance_ratio": Line(
        Verdict.NO_COMPARABLE,
        lambda d: f"{confounders(d.covariate)} varies much more in one group than in the other after weighting",
    ),
    "effective_size": Line(
        Verdict.NO_COMPARABLE,
        lambda d: f"too few comparable people in {d.arm} (an effective {d.threshold:.0f} are needed)",
    ),
    "max_person_share": Line(Verdict.NO_COMPARABLE, lambda d: "a single person would decide the answer"),
    "estimable": Line(Verdict.NO_COMPARABLE, lambda d: d.covariate),
}


def refusal(diagnostics: Sequence[Diagnostic]) -> Refused | None:
    """None where every line passes; otherwise the first failed line's verdict and up to three reasons, gravest
    first."""
    failed = [d for check in LINES for d in diagnostics if d.check == check and not d.passed]
    if not failed:
        return None
    reasons = list(dict.fromkeys(LINES[d.check].sentence(d) for d in failed))
    shown = reasons[:3] if len(reasons) <= 3 else [*reasons[:2], f"and {len(reasons) - 2} more checks failed"]
    return Refused(LINES[failed[0].check].verdict, "; ".join(shown), diagnostics)
