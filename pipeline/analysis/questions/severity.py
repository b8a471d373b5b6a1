"""C11: is intensive outpatient care enough for people at high risk?  By suicide risk, by severity, and only where
people compare.

The claim is about the people in the greatest danger, so the headline is the comparison among them: those at high
suicide risk with psychosis, or at high suicide risk where psychosis is not recorded.  Where nobody like them starts in
one of the two arms it is refused.  Whether the difference depends on suicide risk stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.analysis.cohort import people_asked
from pipeline.analysis.comparison.adjusted import unadjusted
from pipeline.analysis.comparison.attempt import attempt
from pipeline.analysis.comparison.fitted import Fitted, named_target, whom
from pipeline.analysis.comparison.strata import INTERACTION, by_stratum, countable, size_lines, stratum_rows
from pipeline.analysis.contrasts import Endpoint, raw_sign, score_of
from pipeline.analysis.covariates import risk_groups
from pipeline.analysis.gate import Refused
from pipeline.analysis.headline import Asking, NaiveTwin, headline
from pipeline.analysis.lacking import NO_SCALE, too_few_started
from pipeline.analysis.questions.severity_figures import Bands, effect_points, positivity_points
from pipeline.choices.asked import Outcome
from pipeline.errors import NotEstimable
from pipeline.levels import is_24_hour
from pipeline.measures.library import instruments
from pipeline.results import GateWord, Result, Verdict
from pipeline.stats.subgroups.heterogeneity import SubgroupEffects
from pipeline.study import Study, main_outcome

if TYPE_CHECKING:
    import pandas as pd

RISKS = ("no suicide risk", "some suicide risk", "high suicide risk", "high suicide risk and psychosis")
CODES = {"none": 0, "some": 1, "high": 2}
TWIN = NaiveTwin(
    "unadjusted",
    "everybody at this risk with the outcome at the two levels, without adjusting for how they differ otherwise",
)
NOT_DECLARED = (
    "no comparison of intensive outpatient with 24-hour care is declared: name two such arms in [arms] and [comparison]"
    " contrasts"
)


@dataclass(frozen=True, slots=True)
class RiskGroup:
    """The pair of arms and the score the question is put to."""

    endpoint: Endpoint
    source: Outcome
    arm: str
    reference: str

    @property
    def arms(self) -> tuple[str, str]:
        """Reference first: the code of an arm is its place."""
        return (self.reference, self.arm)


def severity(asking: Asking) -> Iterator[Any]:
    """The headline about those in the greatest danger, strata of suicide risk and severity, the curve, and where people
    compare."""
    put = what_is_asked(asking.study)
    if isinstance(put, str):
        row = headline("C11", outcome="", arm="", reference="", measure="difference", stratum=RISKS[2])
        yield from TWIN.refused(row, put)
        return
    people, _ = people_asked(asking.records, put.endpoint, put.arms)
    risk, riskiest = risk_codes(people, asking.study)
    row = base(put, riskiest, asking.study)
    if lacking := too_few_started(put.arms, asking.records):
        yield from TWIN.refused(row, lacking, Verdict.NO_COMPARABLE)
        return
    tried = attempt(people, put.arms, asking.study, put.endpoint, row.result_id, asking.records.controls)
    if isinstance(tried, Refused):
        yield from TWIN.refused(row, tried.reason, tried.verdict)
        return
    comparison, blank = tried.fitted, replace(row, analysis="severity", stratum="")
    try:
        found = by_stratum(comparison, risk[comparison.rows], RISKS, asking.study)
    except NotEstimable as why:
        yield from TWIN.refused(row, str(why), Verdict.NO_COMPARABLE)
    else:
        counted = countable(found, comparison, asking.study.disclosure.threshold)
        yield from answer(row, put.endpoint, comparison, found, risk, riskiest, counted)
        yield from size_lines(row, found, RISKS, asking.study)
        yield from stratum_rows(blank, put.endpoint, found, RISKS, "suicide risk at the start", counted)
    bands = bands_of(people, put.source.instrument)
    yield from banded(blank, put.endpoint, comparison, bands, asking.study)
    yield from effect_points(row.result_id, comparison, asking.study)
    yield from positivity_points(row.result_id, comparison, risk[comparison.rows], RISKS, bands)


def what_is_asked(study: Study) -> RiskGroup | str:
    """The first declared pair of intensive outpatient with 24-hour care and its score, the primary one first; or what
    is missing."""
    pairs = [
        pair for pair in study.comparison.contrasts if "IOP" in study.arms[pair[0]] and is_24_hour(study.arms[pair[1]])
    ]
    primary = tuple(study.comparison.primary)
    if not pairs:
        return NOT_DECLARED
    source = main_outcome(study)
    if source is None:
        return NO_SCALE
    pair = next((pair for pair in pairs if tuple(pair) == primary[:2]), pairs[0])
    return RiskGroup(score_of("C11", source), source, *pair)


def base(put: RiskGroup, riskiest: int, study: Study) -> Result:
    """What the headline says whether or not it carries a number."""
    target, arms = study.comparison.target, put.arms
    overlap = f"people who could have started in either {put.arm} or {put.reference}"
    return headline(
        "C11",
        outcome=put.endpoint.name,
        day=put.endpoint.day,
        arm=put.arm,
        reference=put.reference,
        measure="difference",
        unit="points",
        target=named_target(target, arms),
        estimator="augmented",
        stratum=RISKS[riskiest],
        population=f"{whom(target, arms, overlap)}, with {RISKS[riskiest]}",
    )


def risk_codes(people: pd.DataFrame, study: Study) -> tuple[np.ndarray, int]:
    """(n,) place in RISKS of each person, -1 where suicide risk is not recorded; and which of RISKS is the greatest one
    told apart."""
    if people.empty or people["suicide_risk"].isna().all():
        return np.full(len(people), -1), 2
    groups = risk_groups(people["suicide_risk"], people["suicide_risk_source"])
    codes = groups.map(CODES).astype("float64").fillna(-1).to_numpy(dtype=np.int64)
    if people["psychosis"].notna().mean() < study.gate.min_recorded:
        return codes, 2
    return np.where((codes == 2) & people["psychosis"].fillna(False).to_numpy(dtype=bool), 3, codes), 3


def answer(
    row: Result,
    endpoint: Endpoint,
    comparison: Fitted,
    found: SubgroupEffects,
    risk: np.ndarray,
    riskiest: int,
    counted: bool,
) -> Iterator[Result]:
    """The headline: the difference among people at the greatest risk, or why nobody can know it from these records."""
    place = np.flatnonzero(found.strata == riskiest)
    if not place.size:
        yield from TWIN.refused(row, f"nobody with {RISKS[riskiest]} is in these records", Verdict.NO_COMPARABLE)
        return
    effect = found.estimates[place[0]]
    if effect is None:
        yield from TWIN.refused(row, found.refusals[place[0]], Verdict.NO_COMPARABLE)
        return
    reference, arm = found.counts[place[0]].tolist() if counted else (None, None)
    told = row.filled(
        effect,
        sign=raw_sign(endpoint),
        verdict=Verdict.EXPLORATORY,
        gate=GateWord.PASSED,
        n=arm,
        n_reference=reference,
        note=comparison.holds,
    )
    yield told
    here = replace(comparison, outcome=np.where(risk == riskiest, comparison.outcome, np.nan))
    yield unadjusted(here, endpoint, told, TWIN, **({} if counted else {"n": None, "n_reference": None}))


def bands_of(people: pd.DataFrame, instrument: str) -> Bands:
    """Bands of the score at the start: published cut-offs where there are some, thirds of the people elsewhere."""
    scores = people["baseline_score"].astype("float64").to_numpy()
    published = instruments()[instrument]["severity_cuts"].split()
    cuts = published or sorted(set(np.quantile(scores, (1 / 3, 2 / 3)).round().tolist()))
    return Bands(instrument, tuple(float(cut) for cut in cuts))


def banded(blank: Result, endpoint: Endpoint, comparison: Fitted, bands: Bands, study: Study) -> Iterator[Result]:
    """The difference by band of severity, and whether it depends on it."""
    try:
        found = by_stratum(
            comparison,
            bands.of(comparison.used_people["baseline_score"].astype("float64").to_numpy()),
            bands.names,
            study,
        )
        yield from stratum_rows(
            blank,
            endpoint,
            found,
            bands.names,
            "score at the start",
            countable(found, comparison, study.disclosure.threshold),
        )
    except NotEstimable as why:
        untold = replace(blank, measure=INTERACTION, unit="", stratum="score at the start")
        yield untold.refused(Verdict.NO_COMPARABLE, str(why))
