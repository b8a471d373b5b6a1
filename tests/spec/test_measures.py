"""Each measure of the library on drawn people: who is in the denominator, and who is counted."""

from pathlib import Path

import pytest

from pipeline.measures.library import measures
from tests.spec.staged import built, staged

SCORES = "patient_id | instrument_id | assessed_day | score"


def members(*names, **tables):
    """(measure, day) → patients counted, and patients asked, in the built table of members."""
    con = built(staged(**tables), "measure_members")
    found = {}
    for name in names:
        rows = con.execute(
            "SELECT patient_id, at_day, instrument_id, events > 0 FROM measure_members WHERE measure = ? AND"
            " in_denominator ORDER BY patient_id",
            [name],
        ).fetchall()
        for patient, day, instrument, counted in rows:
            asked = found.setdefault((name, day, instrument), ([], []))
            asked[1].append(patient)
            if counted:
                asked[0].append(patient)
    return found


def starts(people, level="IOP", day=0):
    return "\n".join(["patient_id | level_of_care | service_day", *[f"{name} | {level} | {day}" for name in people]])


def scored(people, instrument="PHQ9"):
    """Scores by day for each person."""
    rows = [f"{name} | {instrument} | {day} | {score}" for name, days in people.items() for day, score in days.items()]
    return "\n".join([SCORES, *rows])


def of_scores(name, people, instrument="PHQ9", **more):
    found = members(name, sessions=starts(people), assessments=scored(people, instrument), **more)
    [(counted, asked)] = [pair for (_, _, scale), pair in found.items() if scale == instrument] or [([], [])]
    return counted, asked


LOST = {"lost": {0: 20}}


def test_reliably_better_is_six_points_or_more_on_the_phq9_and_whoever_was_not_measured_again_counts_as_not():
    people = {"six": {0: 16, 90: 10}, "five": {0: 16, 90: 11}, **LOST, "no_start": {90: 3}}
    assert of_scores("reliable_improvement", people) == (["six"], ["five", "lost", "six"])


def test_of_those_measured_again_only_they_are_in_the_denominator_of_reliable_improvement():
    people = {"six": {0: 16, 90: 10}, "five": {0: 16, 90: 11}, **LOST}
    assert of_scores("reliable_improvement_observed", people) == (["six"], ["five", "six"])


def test_reliably_worse_is_six_points_or_more_up_on_the_phq9_of_those_measured_again():
    people = {"six": {0: 10, 90: 16}, "five": {0: 10, 90: 15}, **LOST}
    assert of_scores("reliable_deterioration", people) == (["six"], ["five", "six"])


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("recovery", ["better", "lost", "still_case", "too_little"]),
        ("recovery_observed", ["better", "still_case", "too_little"]),
    ],
)
def test_recovered_is_reliably_better_and_below_the_cutoff_among_those_who_were_cases_at_the_start(name, asked):
    people = {
        "better": {0: 10, 90: 4},
        "still_case": {0: 20, 90: 10},
        "too_little": {0: 12, 90: 9},
        "no_case": {0: 9, 90: 1},
        **LOST,
    }
    assert of_scores(name, people) == (["better"], asked)


@pytest.mark.parametrize(
    ("name", "asked"), [("response", ["above", "half", "lost"]), ("response_observed", ["above", "half"])]
)
def test_a_response_is_a_score_halved_among_those_who_started_at_ten_or_more(name, asked):
    people = {"half": {0: 20, 90: 10}, "above": {0: 20, 90: 11}, "nine": {0: 9, 90: 0}, **LOST}
    assert of_scores(name, people) == (["half"], asked)


@pytest.mark.parametrize(
    ("name", "asked"), [("remission", ["five", "four", "lost"]), ("remission_observed", ["five", "four"])]
)
def test_remission_is_a_phq9_under_five_among_those_who_started_at_ten_or_more(name, asked):
    people = {"four": {0: 10, 90: 4}, "five": {0: 20, 90: 5}, "nine": {0: 9, 90: 0}, **LOST}
    assert of_scores(name, people) == (["four"], asked)


def test_a_day_90_measure_takes_scores_from_day_60_to_120_and_nobody_whose_records_end_before():
    people = {
        "a59": {0: 20, 59: 0},
        "b60": {0: 20, 60: 0},
        "c120": {0: 20, 120: 0},
        "d121": {0: 20, 121: 0},
        "gone": {0: 20, 60: 0},
    }
    seen = "patient_id | observed_to_day\ngone | 119\nb60 | 120"
    assert of_scores("remission", people, patients=seen) == (["b60", "c120"], ["a59", "b60", "c120", "d121"])


DRR = {
    "early": {0: 12, 119: 0},
    "first": {0: 12, 120: 4},
    "last": {0: 12, 240: 6},
    "late": {0: 12, 241: 0},
    "nine": {0: 9, 150: 0},
    "relapsed": {0: 12, 130: 2, 200: 9},
}


@pytest.mark.parametrize(
    ("name", "counted"),
    [
        ("depression_follow_up_120_240", ["first", "last", "relapsed"]),
        ("depression_response_120_240", ["first", "last"]),
        ("depression_remission_120_240", ["first"]),
    ],
)
def test_four_to_eight_months_after_the_start_the_latest_score_of_day_120_to_240_counts_and_nobody_leaves_for_lack_of_one(
    name, counted
):
    assert of_scores(name, DRR) == (counted, ["early", "first", "last", "late", "relapsed"])


def test_depression_measures_of_four_to_eight_months_ask_people_of_twelve_and_over_and_those_of_unknown_age():
    people = {"eleven": {0: 12, 150: 0}, "twelve": {0: 12, 150: 0}, "unknown": {0: 12, 150: 0}}
    ages = "patient_id | age_at_index\neleven | 11\ntwelve | 12\nunknown |"
    assert of_scores("depression_remission_120_240", people, patients=ages) == (
        ["twelve", "unknown"],
        ["twelve", "unknown"],
    )


def test_a_year_later_the_latest_score_within_sixty_days_of_day_365_counts():
    people = {
        "a304": {0: 12, 304: 0},
        "b305": {0: 12, 305: 4},
        "c425": {0: 12, 425: 0},
        "d426": {0: 12, 426: 0},
        "e": {0: 12, 310: 1, 400: 7},
    }
    assert of_scores("depression_remission_12_months", people) == (
        ["b305", "c425"],
        ["a304", "b305", "c425", "d426", "e"],
    )


def test_measured_at_the_start_is_a_score_from_seven_days_before_to_one_day_after():
    people = {"a": {-8: 9}, "b": {-7: 9}, "c": {1: 9}, "d": {2: 9}}
    assert of_scores("assessed_at_start", people) == (["b", "c"], ["a", "b", "c", "d"])


def test_measured_again_is_a_score_around_day_90_among_those_with_a_score_at_the_start():
    people = {"again": {0: 9, 90: 9}, **LOST, "no_start": {90: 9}}
    assert of_scores("assessed_again", people) == (["again"], ["again", "lost"])


NHS = {  # PHQ-9 first and last, GAD-7 first and last, days of contact
    "recovered": (16, 5, 12, 4, 6),
    "too_little": (12, 9, 6, 6, 4),
    "still_case": (18, 10, 15, 9, 5),
    "neither": (11, 18, 10, 5, 3),
    "worse": (9, 15, 7, 9, 2),
    "one_contact": (16, 5, 12, 4, 1),
    "lost": (17, None, 13, None, 2),
}


@pytest.mark.parametrize(
    ("name", "counted", "left_out"),
    [
        ("nhs_recovery", ["recovered", "too_little"], {"worse", "one_contact"}),
        ("nhs_recovery_from_intake", ["recovered", "too_little"], {"worse"}),
        ("nhs_reliable_recovery", ["recovered"], {"worse", "one_contact"}),
        ("nhs_reliable_recovery_from_intake", ["recovered"], {"worse"}),
        ("nhs_reliable_improvement", ["recovered", "still_case"], {"one_contact", "lost"}),
        ("nhs_reliable_improvement_from_intake", ["recovered", "still_case"], set()),
        ("nhs_reliable_deterioration", ["worse"], {"one_contact", "lost"}),
        ("nhs_reliable_deterioration_from_intake", ["worse"], set()),
    ],
)
def test_nhs_rates_count_finished_courses_by_their_first_and_last_scores_and_from_intake_everybody_who_began(
    name, counted, left_out
):
    sessions = [
        "patient_id | level_of_care | service_day",
        *[f"{who} | IOP | {day}" for who, row in NHS.items() for day in range(row[4])],
    ]
    scores = [SCORES]
    for who, (first, last, other_first, other_last, contacts) in NHS.items():
        scores += [f"{who} | PHQ9 | 0 | {first}", f"{who} | GAD7 | 0 | {other_first}"]
        if last is not None:
            scores += [f"{who} | PHQ9 | {contacts + 6} | {last}", f"{who} | GAD7 | {contacts + 6} | {other_last}"]
    [found] = members(name, sessions="\n".join(sessions), assessments="\n".join(scores)).values()
    assert found == (sorted(counted), sorted(NHS.keys() - left_out))


EXACTLY = {
    "six": (16, 10, 7, 7),
    "case": (10, 4, 7, 7),
    "seven_off": (10, 4, 8, 7),
    "worse": (10, 16, 7, 7),
    "mixed": (16, 10, 8, 12),
    "mixed_less": (16, 10, 8, 11),
    "worse_other": (10, 10, 8, 12),
    "better_other": (10, 11, 12, 8),
    "at_other": (10, 4, 8, 8),
    "mixed_other": (10, 16, 12, 8),
}


@pytest.mark.parametrize(
    ("name", "counted"),
    [
        ("nhs_recovery", ["case", "seven_off"]),
        ("nhs_reliable_recovery", ["case", "seven_off"]),
        ("nhs_reliable_improvement", ["at_other", "better_other", "case", "mixed_less", "seven_off", "six"]),
        ("nhs_reliable_deterioration", ["worse", "worse_other"]),
    ],
)
def test_a_score_exactly_at_the_cutoff_is_a_case_and_a_change_of_exactly_the_reliable_one_counts(name, counted):
    sessions = "\n".join(
        ["patient_id | level_of_care | service_day", *[f"{who} | IOP | {day}" for who in EXACTLY for day in (0, 1)]]
    )
    scores = [
        SCORES,
        *[
            f"{who} | {scale} | {day} | {score}"
            for who, (a, b, x, y) in EXACTLY.items()
            for scale, day, score in (("PHQ9", 0, a), ("PHQ9", 2, b), ("GAD7", 0, x), ("GAD7", 2, y))
        ],
    ]
    [(found, _)] = members(name, sessions=sessions, assessments="\n".join(scores)).values()
    assert found == counted


def test_the_last_score_of_a_course_is_taken_until_seven_days_after_the_last_contact():
    people = {"seven": {0: 16, 8: 3}, "eight": {0: 16, 9: 3}}
    both = "\n".join([scored(people), *scored(people, "GAD7").splitlines()[1:]])
    sessions = starts(people) + "\n" + "\n".join(starts(people, day=1).splitlines()[1:])
    [found] = members("nhs_recovery", sessions=sessions, assessments=both).values()
    assert found == (["seven"], ["eight", "seven"])


def visits(**people):
    return "\n".join(
        [
            "patient_id | level_of_care | service_day",
            *[f"{name} | {level} | {day}" for name, days in people.items() for day, level in days.items()],
        ]
    )


def test_still_in_care_is_a_contact_on_that_day_or_later_without_a_longer_silence_at_any_level_or_at_the_level_started():
    sessions = visits(
        stays={0: "IOP", 30: "IOP"},
        moves={0: "IOP", 30: "OP"},
        leaves={0: "IOP", 29: "IOP"},
        silent={0: "IOP", 31: "IOP"},
    )
    found = members("retention_any_level", "retention_level_started", sessions=sessions)
    everybody = ["leaves", "moves", "silent", "stays"]
    assert found["retention_any_level", 30, ""] == (["moves", "stays"], everybody)
    assert found["retention_level_started", 30, ""] == (["stays"], everybody)


def test_still_in_care_on_day_30_asks_only_people_seen_for_the_thirty_days_of_silence_after_it():
    seen = "patient_id | observed_to_day\nshort | 59\nlong | 60"
    found = members("retention_any_level", sessions=starts(["short", "long"]), patients=seen)
    assert found["retention_any_level", 30, ""] == ([], ["long"])


def test_attendance_is_visits_kept_of_visits_expected_in_the_first_ninety_days():
    con = built(
        staged(
            sessions="""
        patient_id | level_of_care | service_day | status             | minutes_scheduled | minutes_attended
        ann        | IOP           | 0           | attended           | 60                | 60
        ann        | IOP           | 1           | attended           | 60                | 29
        ann        | IOP           | 2           | no_show            | 60                |
        ann        | IOP           | 3           | client_cancel_late | 60                |
        ann        | IOP           | 4           | provider_cancel    | 60                |
        ann        | IOP           | 90          | attended           | 60                | 30
        ann        | IOP           | 91          | attended           | 60                | 60
        """
        ),
        "measure_members",
    )
    assert con.execute("SELECT events, chances FROM measure_members WHERE measure = ?", ["attendance"]).fetchall() == [
        (2, 5)
    ]


SUD = "patient_id | program_id | level_of_care | start_day | sud_flag\n"


def engaged(name, **people):
    sessions = visits(**people)
    levels = {who: next(iter(days.values())) for who, days in people.items()}
    episodes = SUD + "\n".join(
        f"{who} | P | {level} | 0 | {'no' if who == 'no_disorder' else 'yes'}" for who, level in levels.items()
    )
    [found] = members(name, sessions=sessions, episodes=episodes).values()
    return found


def test_initiation_is_another_day_of_service_by_day_13_or_a_start_in_24_hour_care_of_people_with_a_substance_use_disorder():
    assert engaged(
        "initiation_14d",
        by13={0: "OP", 13: "OP"},
        by14={0: "OP", 14: "OP"},
        bed={0: "IP"},
        once={0: "OP"},
        no_disorder={0: "OP", 5: "OP"},
    ) == (["bed", "by13"], ["bed", "by13", "by14", "once"])


def test_engagement_is_initiation_and_two_more_days_of_service_in_the_34_days_after_it():
    assert engaged(
        "engagement_iet",
        twice={0: "OP", 10: "OP", 20: "OP", 44: "OP"},
        late={0: "OP", 10: "OP", 20: "OP", 45: "OP"},
        once={0: "OP", 10: "OP", 20: "OP"},
        never={0: "OP", 14: "OP", 15: "OP", 16: "OP"},
    ) == (["twice"], ["late", "never", "once", "twice"])


def test_engaged_in_the_first_34_days_is_two_more_days_of_service_whatever_the_diagnosis():
    assert engaged(
        "engaged_34d",
        twice={0: "OP", 1: "OP", 34: "OP"},
        late={0: "OP", 1: "OP", 35: "OP"},
        no_disorder={0: "OP", 2: "OP", 3: "OP"},
        emergency={0: "OP", 2: "ED", 3: "WM"},
    ) == (["no_disorder", "twice"], ["emergency", "late", "no_disorder", "twice"])


def after_stays(name, day, visits_after, **more):
    """People who leave a hospital on day 10, with later episodes (level and day) each."""
    rows = ["episode_id | patient_id | level_of_care | program_id | start_day | end_day"]
    for who, later in visits_after.items():
        rows += [
            f"{who}0 | {who} | IP | H | 0 | 10",
            *[
                f"{who}{i} | {who} | {level} | P | {10 + on} | {10 + on}"
                for i, (level, on) in enumerate(later, start=1)
            ],
        ]
    con = built(staged(episodes="\n".join(rows), **more), "measure_members")
    found = con.execute(
        "SELECT patient_id, events FROM measure_members WHERE measure = ? AND at_day = ? AND in_denominator "
        "AND unit_id LIKE '%0' ORDER BY patient_id",
        [name, day],
    ).fetchall()
    return [who for who, events in found if events], [who for who, _ in found]


def test_a_visit_on_the_day_of_leaving_does_not_count_as_follow_up_and_one_on_day_1_to_7_does():
    people = {"same_day": [("OP", 0)], "day1": [("IOP", 1)], "day7": [("PHP", 7)], "day8": [("OP", 8)], "nobody": []}
    asked = ["day1", "day7", "day8", "nobody", "same_day"]
    assert after_stays("follow_up_after_24h", 7, people) == (["day1", "day7"], asked)
    assert after_stays("follow_up_after_24h", 30, people) == (["day1", "day7", "day8"], asked)


def test_whoever_is_back_in_24_hour_care_or_dies_within_30_days_is_not_asked_about_follow_up_not_even_within_7():
    people = {
        "back": [("OP", 1), ("IP", 30)],
        "later": [("OP", 1), ("IP", 31)],
        "died": [("OP", 1)],
        "alive": [("OP", 1)],
    }
    deaths = "patient_id | contact_day | source | reached\ndied | 40 | registry | died\nalive | 41 | registry | died"
    assert after_stays("follow_up_after_24h", 7, people, followups=deaths) == (["alive", "later"], ["alive", "later"])
    told = (
        "patient_id | contact_day | source | reached | alive\ndied | 40 | registry | reached | no\nalive | 41 |"
        " registry | reached | no"
    )
    assert after_stays("follow_up_after_24h", 7, people, followups=told) == (["alive", "later"], ["alive", "later"])


def test_a_death_written_on_a_later_discharge_or_on_the_day_of_leaving_counts_like_any_other():
    people = {"day30": [("OP", 30)], "day31": [("OP", 31)], "at_once": [("OP", 5)]}
    discharges = "episode_id | ending\nday301 | died\nday311 | died"
    deaths = "patient_id | contact_day | source | reached\nat_once | 10 | registry | died"
    assert after_stays("follow_up_after_24h", 30, people, discharges=discharges, followups=deaths) == ([], ["day31"])


@pytest.mark.parametrize(("seen_to", "asked"), [(39, []), (40, ["ann"])])
def test_follow_up_is_asked_where_all_thirty_days_were_seen(seen_to, asked):
    seen = f"patient_id | observed_to_day\nann | {seen_to}\nbob | {seen_to}"
    discharges = "episode_id | ending | destination_level\nann0 | completed |\nbob0 | transferred | RES"
    assert after_stays("follow_up_after_24h", 7, {"ann": [], "bob": []}, patients=seen, discharges=discharges) == (
        [],
        asked,
    )


def test_follow_up_asks_only_people_who_left_alive_and_not_for_other_24_hour_care_and_were_seen_for_30_days():
    people = {name: [("OP", 1)] for name in ("home", "died", "moved_on", "unseen")}
    discharges = """
        episode_id | ending      | destination_level
        home0      | completed   |
        died0      | died        |
        moved_on0  | transferred | RES
        unseen0    | completed   |
        """
    seen = "patient_id | observed_to_day\nunseen | 39"
    assert after_stays("follow_up_after_24h", 7, people, discharges=discharges, patients=seen) == (["home"], ["home"])


def test_a_readmission_is_a_new_stay_in_24_hour_care_on_day_2_to_30_after_leaving():
    people = {"day2": [("IP", 2)], "day30": [("RES", 30)], "day31": [("IP", 31)], "lighter": [("IOP", 5)]}
    assert after_stays("readmission_30", 30, people) == (["day2", "day30"], ["day2", "day30", "day31", "lighter"])


def test_a_measure_belongs_to_the_quarter_of_the_start_and_a_stay_to_the_quarter_in_which_it_ended():
    start, end = 20_000, 20_100  # 2024-10-04 and 2025-01-12
    con = built(
        staged(
            calendar=True,
            episodes=f"""
        episode_id | patient_id | level_of_care | program_id | start_day | end_day
        e1         | ann        | IP            | H          | {start}   | {end}
        """,
            patients="patient_id | observed_from_day | observed_to_day\nann | 19000 | 21000",
        ),
        "measure_members",
    )
    found = dict(
        con.execute(
            "SELECT DISTINCT measure, period || ' ' || month FROM measure_members WHERE measure IN "
            "('engaged_34d', 'readmission_30')"
        ).fetchall()
    )
    assert found == {"engaged_34d": "2024Q4 2024-10", "readmission_30": "2025Q1 2025-01"}


@pytest.mark.parametrize(("last_day", "complete"), [(20_179 + 60, True), (20_178 + 60, False)])
def test_a_quarter_is_shown_when_its_last_day_lies_far_enough_back_for_everybody_who_started_on_it(last_day, complete):
    # day 20,000 is 2024-10-04; the quarter ends on day 20,088, and day 20,179 is the first of 2025Q2
    con = built(
        staged(
            calendar=True,
            sessions=starts(["ann"], day=20_100),
            patients=f"patient_id | observed_from_day | observed_to_day\nann | 19000 | {last_day - 1}",
        ),
        "measure_cells",
    )
    found = con.execute(
        "SELECT period, period_complete FROM measure_cells WHERE measure = 'retention_any_level' AND at_day = 30"
    ).fetchall()
    assert found == [("2025Q1", complete)]


def test_every_measure_that_is_counted_has_a_worked_example():
    counted = {measure.id for measure in measures() if measure.rule.kind != "effect"}
    named = set(Path(__file__).read_text(encoding="utf-8").split('"'))
    assert counted - named == set()
