"""Published national figures, recomputed from the published counts by the functions that make our own rates."""

import csv
from pathlib import Path

import numpy as np
import pytest

from pipeline.measures.library import benchmarks
from pipeline.stats.change.effect_size import effect_size_av_from_summary
from pipeline.stats.proportions import newcombe_difference, risk_ratio, wilson

PUBLISHED = Path(__file__).parent.parent / "published"
PRINTED = 0.05 + 1e-9  # of a percent: national tables print one decimal
YEARS = [f"20{year}-{year + 1}" for year in range(17, 25)]
NATIONAL = {
    "recovery": "nhs_recovery",
    "reliable_recovery": "nhs_reliable_recovery",
    "improvement": "nhs_reliable_improvement",
    "deterioration": "nhs_reliable_deterioration",
}


def figures(name):
    with open(PUBLISHED / f"{name}.csv", encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


REASONS = figures("teds_2004_reasons")
COUNTS = {(row["service"], row["reason"]): int(row["count"]) for row in REASONS}
NHS = {(row["year"], row["measure"], row["statistic"]): float(row["value"]) for row in figures("nhs_national")}


def discharges(service):
    return sum(count for (where, _), count in COUNTS.items() if where == service)


def test_there_are_957_491_discharges_and_forty_printed_percentages():
    assert discharges("TOTAL") == 957_491
    services = {service for service, _ in COUNTS} - {"TOTAL"}
    assert sum(discharges(service) for service in services) == 957_491
    assert len(REASONS) == 40


@pytest.mark.parametrize("row", REASONS, ids=lambda row: f"{row['service']}: {row['reason']}")
def test_each_printed_percentage_of_reasons_for_discharge_is_reproduced(row):
    found = wilson(int(row["count"]), discharges(row["service"]))
    assert 100 * found.estimate == pytest.approx(float(row["printed_percent"]), abs=PRINTED)
    assert found.low < found.estimate < found.high


def test_dropout_from_intensive_outpatient_care_is_lower_until_terminations_are_counted_too():
    iop, outpatient = "Intensive outpatient", "Outpatient"
    dropped = risk_ratio(
        COUNTS[iop, "dropped_out"], discharges(iop), COUNTS[outpatient, "dropped_out"], discharges(outpatient)
    )
    assert [round(value, 3) for value in (dropped.estimate, dropped.low, dropped.high)] == [0.853, 0.843, 0.863]
    both = risk_ratio(
        *(
            number
            for service in (iop, outpatient)
            for number in (COUNTS[service, "dropped_out"] + COUNTS[service, "terminated"], discharges(service))
        )
    )
    assert round(both.estimate, 3) == 0.987
    assert (
        round(
            100
            * newcombe_difference(
                COUNTS[iop, "dropped_out"], discharges(iop), COUNTS[outpatient, "dropped_out"], discharges(outpatient)
            ).estimate,
            1,
        )
        == -4.0
    )


def test_completion_standardized_to_one_mix_of_education():
    rows = figures("teds_2004_education")
    services = ("Intensive outpatient", "Short-term residential")
    n, completed = (
        np.array([[int(row[column]) for row in rows if row["service"] == service] for service in services])
        for column in ("discharges", "completed")
    )
    mix = n.sum(axis=0) / n.sum()
    shares = np.array(
        [
            [wilson(int(events), int(people)).estimate for events, people in zip(*pair, strict=True)]
            for pair in zip(completed, n, strict=True)
        ]
    )
    assert (100 * shares @ mix).round(2).tolist() == [37.56, 61.92]
    assert (100 * completed.sum(axis=1) / n.sum(axis=1)).round(2).tolist() == [37.34, 62.13]


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize("measure", NATIONAL)
def test_national_rates_of_talking_therapies_count_cases_for_recovery_and_everybody_who_finished_for_change(
    year, measure
):
    finished, not_cases = NHS[year, "finished_course_treatment", "count"], NHS[year, "not_at_caseness", "count"]
    denominator = finished - not_cases if "recovery" in measure else finished
    found = wilson(NHS[year, measure, "count"], denominator)
    assert 100 * found.estimate == pytest.approx(NHS[year, measure, "percentage"], abs=PRINTED)


@pytest.mark.parametrize(
    "row", figures("nhs_effect_sizes"), ids=lambda row: f"{row['year']} {row['therapy']} {row['scale']}"
)
def test_national_effect_sizes_divide_by_the_standard_deviation_of_the_first_score(row):
    first, last, sd = float(row["mean_first"]), float(row["mean_last"]), float(row["sd_first"])
    # means and SD are printed to one decimal, and so is the effect size
    rounding = 0.05 + (0.1 + 0.05 * abs(first - last) / sd) / sd
    found = effect_size_av_from_summary(
        first, last, sd, sd, n=1000
    )  # one SD in both places: the average is that of the first
    assert found.d == pytest.approx(float(row["effect_size"]), abs=rounding)


def test_the_benchmarks_say_what_the_published_tables_say():
    stored = {row["figure_id"]: row for row in benchmarks()}
    for year in YEARS:
        for measure, ours in NATIONAL.items():
            assert float(stored[f"{ours}_{year}"]["value"]) == pytest.approx(
                NHS[year, measure, "percentage"] / 100, abs=1e-9
            )
    printed = {
        row["service"].lower(): row for row in REASONS if row["reason"] == "dropped_out" and row["service"] != "TOTAL"
    }
    for service, row in printed.items():
        name = f"teds_2004_dropped_out_{service.replace(' ', '_').replace('-', '_')}"
        assert float(stored[name]["value"]) == pytest.approx(float(row["printed_percent"]) / 100, abs=1e-9)


def test_every_benchmark_was_read_or_computed_and_names_its_source_year_and_people():
    rows = benchmarks()
    assert len({row["figure_id"] for row in rows}) == len(rows)
    for row in rows:
        assert row["evidence"] in ("V", "V2", "C"), row["figure_id"]
        assert all(row[name] for name in ("measure", "year", "population", "source", "unit")), row["figure_id"]
        assert row["value"] or (row["low"] and row["high"]), row["figure_id"]
        if row["unit"] == "share":
            assert 0 < float(row["value"]) < 1, row["figure_id"]
