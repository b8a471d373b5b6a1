"""National tables as they were published: committed figures are theirs, and 233 providers vary more than chance would
let them."""

import csv
import gzip
import os
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from pipeline.stats.change.effect_size import effect_size_av_from_summary
from pipeline.stats.monitoring.funnel import Z_998, funnel

SET_TO = os.environ.get("CARELEVELS_REAL", "")
NHS, TEDS = Path(SET_TO) / "nhs_talking_therapies", Path(SET_TO) / "teds"
COMMITTED = Path(__file__).parents[1] / "unit" / "published"
NATIONAL, REASONS = NHS / "measures_annual_totals.csv.gz", TEDS / "teds_d_2004_table_2_5_service_by_reason.csv"
HERE = bool(SET_TO) and NATIONAL.is_file() and REASONS.is_file()
pytestmark = pytest.mark.skipif(
    not HERE,
    reason=(
        "the national tables are not here: CARELEVELS_REAL must name the folder that holds "
        "nhs_talking_therapies/ and teds/"
    ),
)
YEARS = [f"20{year}-{year + 1}" for year in range(17, 25)]


def table(path):
    text = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def providers():
    """Counts of every provider by year; a star is a count that was suppressed."""
    counts = defaultdict(dict)
    for row in table(NATIONAL):
        if row["org_type"] == "Provider" and row["measure_statistic"] == "count":
            counts[row["reporting_period"], row["org_code"]][row["measure_name"]] = row["value"]
    return counts


def recovery_of_providers(year):
    """Recovered and cases who finished, for each provider whose counts are shown."""
    pairs = []
    for (when, _), counts in providers().items():
        known = [counts.get(name, "*") for name in ("recovery", "finished_course_treatment", "not_at_caseness")]
        if when == year and "*" not in known:
            recovered, finished, not_cases = map(float, known)
            pairs.append((recovered, finished - not_cases))
    return np.array([pair for pair in pairs if pair[1] > 0 and pair[0] <= pair[1]]).T


def test_the_committed_figures_are_those_of_the_published_tables():
    national = {
        (row["reporting_period"], row["measure_name"], row["measure_statistic"], row["value"])
        for row in table(NATIONAL)
        if row["org_type"] == "England"
    }
    assert {tuple(row.values()) for row in table(COMMITTED / "nhs_national.csv")} == national
    by_service = {row["service"].removesuffix(" (published)"): row for row in table(REASONS)}
    for row in table(COMMITTED / "teds_2004_reasons.csv"):
        found = by_service[row["service"]]
        assert (row["count"], row["printed_percent"]) == (found[row["reason"]], found[f"pub_pct_{row['reason']}"])


def test_there_are_233_providers_in_eight_years():
    assert len({code for _, code in providers()}) == 233


@pytest.mark.parametrize("year", YEARS)
def test_most_providers_lie_outside_a_funnel_of_chance_alone_and_few_outside_one_that_allows_for_variation(year):
    recovered, cases = recovery_of_providers(year)
    found = funnel(recovered, cases)
    national = {
        row["year"]: float(row["value"])
        for row in table(COMMITTED / "nhs_national.csv")
        if (row["measure"], row["statistic"]) == ("recovery", "percentage")
    }
    assert 100 * found.target == pytest.approx(national[year], abs=0.1)  # counts of providers are rounded to five
    assert found.units >= 130
    by_chance = np.abs(found.z) > Z_998
    assert by_chance.mean() > 0.35
    assert found.limits.outside.mean() < 0.12
    assert (found.limits.outside <= by_chance).all()


@pytest.mark.parametrize("year", YEARS)
def test_variation_between_providers_equals_the_formula_written_out(year):
    """Spiegelhalter (2005) by hand: z clamped at the tenth and ninetieth percentile, its mean square, and the moment
    estimate of tau."""
    recovered, cases = recovery_of_providers(year)
    target = recovered.sum() / cases.sum()
    s = (target * (1 - target) / cases) ** 0.5
    z = (recovered / cases - target) / s
    low, high = np.percentile(z, 10), np.percentile(z, 90)
    clamped = [min(max(one, low), high) for one in z]
    phi = sum(one * one for one in clamped) / len(clamped)
    w = [1 / one**2 for one in s]
    tau2 = (len(z) * phi - (len(z) - 1)) / (sum(w) - sum(one * one for one in w) / sum(w))
    found = funnel(recovered, cases)
    assert (found.phi, found.tau) == pytest.approx((phi, tau2**0.5), rel=1e-9)
    assert 10 < phi < 21
    assert 0.02 < found.tau < 0.04


def test_every_national_effect_size_of_talking_therapies_divides_by_the_sd_of_the_first_score():
    groups = defaultdict(dict)
    for row in table(NHS / "proms_annual_england.csv.gz"):
        key = (row["reporting_period"], row["variable_a"], row["variable_b"], row["measure_name"])
        groups[key][row["measure_statistic"], row["measure_time"]] = row["value"]
    compared = 0
    for group in groups.values():
        try:
            printed, first, last, sd = (
                float(group[one]) for one in (("effect_size", ""), ("mean", "start"), ("mean", "end"), ("sd", "start"))
            )
        except (KeyError, ValueError):  # suppressed or not asked
            continue
        if sd > 0:
            found = effect_size_av_from_summary(first, last, sd, sd, n=1000).d
            assert found == pytest.approx(printed, abs=0.05 + (0.1 + 0.05 * abs(found)) / sd)
            compared += 1
    assert compared > 3000
