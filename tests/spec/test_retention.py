"""How long people stay in care, seen with one gap for every arm."""

import pytest

from tests.spec.staged import built, like, staged


def retained(sessions, *, seen_to=4000, **tables):
    patients = f"patient_id | observed_to_day\nann | {seen_to}"
    return built(staged(sessions=sessions, patients=patients, **tables), "retention_set", "retention_at")


def visits(*days, level="IOP", **more):
    rows = [f"ann | {level} | {day}" for day in days]
    return "\n".join(["patient_id | level_of_care | service_day", *rows])


@pytest.mark.parametrize(("back", "stayed"), [(30, 30), (31, 0)])
def test_a_silence_of_thirty_days_keeps_a_person_in_care_and_one_day_more_ends_it(back, stayed):
    con = retained(visits(0, back))
    assert con.execute("SELECT care_days FROM retention_set").fetchall() == [(stayed,)]


def test_retained_at_a_day_means_a_contact_on_it_or_later_reached_without_a_silence():
    con = retained(visits(0, 29, 58, 61, 150))
    found, expected = like(
        con,
        "retention_at",
        """
        at_day | retained | retained_in_level
        30     | yes      | yes
        60     | yes      | yes
        90     | no       | no
        """,
    )
    assert found == expected


@pytest.mark.parametrize(("last", "kept"), [(29, False), (30, True)])
def test_a_last_contact_on_day_thirty_is_retained_at_day_thirty(last, kept):
    con = retained(visits(0, last))
    assert con.execute("SELECT retained FROM retention_at WHERE at_day = 30").fetchall() == [(kept,)]


def test_care_at_another_level_keeps_a_person_in_care_but_not_at_the_level_started():
    con = retained("""
        patient_id | level_of_care | service_day
        ann        | IOP           | 0
        ann        | IOP           | 20
        ann        | OTP           | 40
        ann        | OP            | 65
        """)
    found, expected = like(
        con,
        "retention_at",
        """
        at_day | retained | retained_in_level
        30     | yes      | no
        60     | yes      | no
        90     | no       | no
        """,
    )
    assert found == expected


@pytest.mark.parametrize("event", ["WM", "ED"])
def test_withdrawal_management_and_emergencies_are_no_contacts(event):
    con = retained(f"""
        patient_id | level_of_care | service_day
        ann        | IOP           | 0
        ann        | {event}       | 20
        ann        | IOP           | 40
        """)
    assert con.execute("SELECT care_days FROM retention_set").fetchall() == [(0,)]


def test_every_day_of_a_recorded_stay_is_a_contact():
    con = retained(
        visits(75),
        episodes="""
        episode_id | patient_id | level_of_care | start_day | end_day
        e1         | ann        | RES           | 0         | 45
        """,
    )
    found, expected = like(
        con,
        "retention_at",
        """
        at_day | retained | retained_in_level
        30     | yes      | yes
        60     | yes      | no
        90     | no       | no
        """,
    )
    assert found == expected


@pytest.mark.parametrize(("seen_to", "observable"), [(59, False), (60, True)])
def test_a_day_can_be_judged_only_where_the_silence_after_it_was_observable(seen_to, observable):
    con, no = retained(visits(0), seen_to=seen_to), "no" if observable else ""
    found, expected = like(
        con,
        "retention_at",
        f"""
        at_day | observable                      | retained | retained_in_level | dropped_out
        30     | {"yes" if observable else "no"} | {no}     | {no}              | {no}
        """,
        where="at_day = 30",
    )
    assert found == expected


@pytest.mark.parametrize(
    ("seen_to", "row"),
    [
        (29, "no  |    |"),  # not even the silence after day 0 was seen
        (30, "yes | 0  | in_care"),
        (39, "yes | 9  | in_care"),
        (40, "yes | 10 | unknown"),  # the silence after day 10 is over
        (90, "yes | 10 | unknown"),
    ],
)
def test_who_may_still_come_back_when_observation_stops_is_in_care_and_seen_until_a_gap_before(seen_to, row):
    con = retained(visits(0, 10), seen_to=seen_to)
    found, expected = like(
        con,
        "retention_set",
        f"""
        observable | care_days | state
        {row}
        """,
    )
    assert found == expected


def ended(ending, discharge_day=12):
    return {
        "episodes": (
            """
        episode_id | patient_id | start_day | end_day
        e1         | ann        | 0         |
        """
        ),
        "discharges": (
            f"""
        episode_id | ending   | discharge_day
        e1         | {ending} | {discharge_day}
        """
        ),
    }


def test_care_ends_as_the_episode_of_the_last_contact_ended():
    kinds = ["completed", "transferred", "dropped_out", "ama", "terminated", "died", "unknown"]
    con = built(
        staged(
            sessions="\n".join(
                [
                    "patient_id | level_of_care | service_day | episode_id",
                    *[f"{name} | IOP | {day} | {name}" for name in kinds for day in (0, 10)],
                ]
            ),
            episodes="\n".join(["episode_id | patient_id | start_day", *[f"{name} | {name} | 0" for name in kinds]]),
            discharges="\n".join(["episode_id | ending | discharge_day", *[f"{name} | {name} | 12" for name in kinds]]),
        ),
        "retention_set",
        "retention_at",
    )
    found, expected = like(
        con,
        "retention_set JOIN retention_at USING (episode_id)",
        """
        episode_id          | care_days | state       | dropped_out
        completed/P/IOP/0   | 10        | completed   | no
        transferred/P/IOP/0 | 10        | transferred | no
        dropped_out/P/IOP/0 | 10        | dropped_out | yes
        ama/P/IOP/0         | 10        | ama         | yes
        terminated/P/IOP/0  | 10        | terminated  | no
        died/P/IOP/0        | 10        | died        | no
        unknown/P/IOP/0     | 10        | unknown     | no
        """,
        where="at_day = 30",
    )
    assert found == expected


@pytest.mark.parametrize(("last", "dropped"), [(29, True), (30, False)])
def test_dropped_out_by_day_thirty_means_a_last_contact_before_it(last, dropped):
    con = retained(visits(0, last), **ended("dropped_out", 40))
    assert con.execute("SELECT dropped_out FROM retention_at WHERE at_day = 30").fetchall() == [(dropped,)]


def test_an_episode_that_goes_on_after_the_silence_means_the_person_had_dropped_out():
    con = retained(visits(0, 10, 50, level="OP"), **ended("completed", 60))
    found, expected = like(
        con,
        "retention_set",
        """
        care_days | state
        10        | dropped_out
        """,
    )
    assert found == expected
    assert con.execute("SELECT COUNT(*) FROM episodes").fetchall() == [(1,)]


@pytest.mark.parametrize(
    ("ending", "observable", "state", "retained"), [("died", True, "died", False), ("completed", False, None, None)]
)
def test_a_death_in_care_is_known_for_good_although_the_records_end_with_it(ending, observable, state, retained):
    con = built(
        staged(
            sessions="patient_id | level_of_care | service_day | episode_id\np | IOP | 0 | e\np | IOP | 20 | e",
            patients="patient_id | observed_to_day\np | 21",
            episodes="episode_id | patient_id | start_day\ne | p | 0",
            discharges=f"episode_id | ending | discharge_day\ne | {ending} | 21",
        ),
        "retention_set",
        "retention_at",
    )
    assert con.execute("SELECT observable, state FROM retention_set").fetchall() == [(observable, state)]
    assert con.execute("SELECT observable, retained, dropped_out FROM retention_at WHERE at_day = 60").fetchall() == [
        (observable, retained, False if observable else None)
    ]
