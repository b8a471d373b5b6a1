"""What the tables of the measures say, said plainly."""

from datetime import date, timedelta
from types import SimpleNamespace

from tests.unit.warehouse.twin_people import care_of, nearest
from tests.unit.warehouse.twins import Rows, Warehouse, by

FULL_STAYS = ("RES", "IP")


def asked(w: Warehouse, kind: str) -> Rows:
    return [d for d in w.measure_definition if d.kind == kind]


def unit(
    d: SimpleNamespace, name: str, seen: bool, excluded: str | None, happened: bool, chances: int = 1
) -> SimpleNamespace:
    counts = seen and excluded is None
    return SimpleNamespace(
        measure=d.measure,
        version=d.version,
        instrument_id=d.instrument_id,
        at_day=d.at_day,
        unit_id=name,
        observable=seen,
        excluded=excluded,
        events=int(happened) if counts else 0,
        chances=chances if counts else 0,
    )


def taken(w: Warehouse, patient: str, instrument: str, start: int) -> list[tuple[int, SimpleNamespace]]:
    return [
        (a.assessed_day - start, a)
        for a in w.raw_assessments
        if (a.patient_id, a.instrument_id, a.subscale) == (patient, instrument, "")
    ]


def starting(w: Warehouse, e: SimpleNamespace, instrument: str) -> tuple[int, SimpleNamespace] | None:
    return nearest(
        [
            one
            for one in taken(w, e.patient_id, instrument, e.start_day)
            if w.choice.baseline_from <= one[0] <= w.choice.baseline_to
        ],
        0,
    )


def measure_scores(w: Warehouse) -> Rows:
    out = {}
    for d in asked(w, "scores"):
        for e in w.index_episodes:
            first = starting(w, e, d.instrument_id)
            if first is None:
                continue
            later = [
                one
                for one in taken(w, e.patient_id, d.instrument_id, e.start_day)
                if d.window_from <= one[0] <= d.window_to and one[1].recall_variant == first[1].recall_variant
            ]
            found = nearest(later, d.at_day if d.pick == "nearest" else d.window_to)
            key = (e.episode_id, d.instrument_id, d.at_day, d.window_from, d.window_to, d.pick)
            out[key] = SimpleNamespace(
                episode_id=e.episode_id,
                instrument_id=d.instrument_id,
                at_day=d.at_day,
                window_from=d.window_from,
                window_to=d.window_to,
                pick=d.pick,
                baseline_score=first[1].score,
                followup_score=found[1].score if found else None,
            )
    return list(out.values())


def in_use(w: Warehouse) -> set[str]:
    """Scales that anybody was measured with at the start: of others nothing is counted."""
    return {pair.instrument_id for pair in w.measure_scores}


def measure_change(w: Warehouse) -> Rows:
    out = []
    pairs = {(p.episode_id, p.instrument_id, p.at_day, p.window_from, p.window_to, p.pick): p for p in w.measure_scores}
    for d in (d for d in asked(w, "scores") if d.instrument_id in in_use(w)):
        for e in w.analysis_set:
            pair = pairs.get((e.episode_id, d.instrument_id, d.at_day, d.window_from, d.window_to, d.pick))
            before, after = (pair.baseline_score, pair.followup_score) if pair else (None, None)
            excluded = None
            if d.event != "measured at the start":
                if before is None:
                    excluded = "no score at the start"
                elif d.cases and before < d.caseness:
                    excluded = "no case at the start"
                elif e.age is not None and e.age < d.least_age:
                    excluded = "too young"
                elif d.missing == "observed" and after is None:
                    excluded = "not measured again"
            both = before is not None and after is not None
            happened = {
                "measured at the start": before is not None,
                "measured again": both,
                "reliably better": both and round(before - after, 6) >= d.rci,
                "reliably worse": both and round(after - before, 6) >= d.rci,
                "recovered": both and round(before - after, 6) >= d.rci and after < d.caseness <= before,
                "halved": both and after <= before / 2,
                "remitted": both and after < d.remission_below,
            }[d.event]
            out.append(unit(d, e.episode_id, e.start_day + d.observe_days <= e.observed_to_day, excluded, happened))
    return out


def measure_course_scores(w: Warehouse) -> Rows:
    out = {}
    for d in asked(w, "course"):
        for e in w.index_episodes:
            for instrument in (d.instrument_id, d.other_instrument_id):
                first = starting(w, e, instrument)
                if first:
                    later = [
                        one
                        for one in taken(w, e.patient_id, instrument, e.start_day)
                        if one[0] > first[0]
                        and one[1].assessed_day <= e.last_day + d.window_to
                        and one[1].recall_variant == first[1].recall_variant
                    ]
                    last = max(later, key=lambda one: one[0], default=None)
                    out[e.episode_id, instrument, d.window_to] = SimpleNamespace(
                        episode_id=e.episode_id,
                        instrument_id=instrument,
                        window_to=d.window_to,
                        first_score=first[1].score,
                        last_score=last[1].score if last else None,
                    )
    return list(out.values())


def measure_courses(w: Warehouse) -> Rows:
    out, endings = [], {row.episode_id: row.ending for row in w.endings}
    scores = {(s.episode_id, s.instrument_id): (s.first_score, s.last_score) for s in w.measure_course_scores}
    for d in (d for d in asked(w, "course") if {d.instrument_id, d.other_instrument_id} <= in_use(w)):
        for e in w.index_episodes:
            days = sum(
                min(to, e.last_day) - day + 1
                for day, to, place in care_of(w, e.person_no)
                if (place.program_id, place.level_of_care) == (e.program_id, e.level_of_care)
                and e.start_day <= day <= e.last_day
            )
            (a, b), (x, y) = (
                scores.get((e.episode_id, name), (None, None)) for name in (d.instrument_id, d.other_instrument_id)
            )
            case = (a is not None and a >= d.caseness) or (x is not None and x >= d.other_caseness)
            below = b is not None and y is not None and b < d.caseness and y < d.other_caseness
            paired = None not in (a, b, x, y)
            fell, other_fell = (round(a - b, 6), round(x - y, 6)) if paired else (0, 0)
            better = paired and (fell >= d.rci or other_fell >= d.other_rci)
            worse = paired and (-fell >= d.rci or -other_fell >= d.other_rci)
            happened = {
                "recovered": below,
                "reliably recovered": below and better and not worse,
                "reliably better": better and not worse,
                "reliably worse": worse and not better,
            }[d.event]
            excluded = None
            if d.event.endswith("recovered") and not case:
                excluded = "no case at the start"
            elif d.finished and days < 2:
                excluded = "fewer than two contacts"
            elif d.finished and not d.event.endswith("recovered") and not paired:
                excluded = "not measured again"
            out.append(
                unit(d, e.episode_id, endings[e.episode_id] not in (None, "in_care"), excluded, happened and days >= 2)
            )
    return out


def measure_retention(w: Warehouse) -> Rows:
    care = {
        c.episode_id: {"any level": c.last_contact, "level started": c.last_contact_in_level} for c in w.retention_set
    }
    return [
        unit(
            d,
            e.episode_id,
            e.start_day + d.observe_days <= e.observed_to_day,
            None,
            care[e.episode_id][d.event] >= d.at_day,
        )
        for d in asked(w, "retention")
        for e in w.index_episodes
    ]


def measure_attendance(w: Warehouse) -> Rows:
    out = []
    for d in asked(w, "attendance"):
        for e in w.index_episodes:
            kept = [
                s.counts_as_attended
                for s in w.sessions
                if s.patient_id == e.patient_id
                and s.counts_as_attended is not None
                and e.start_day <= s.service_day <= e.start_day + d.at_day
            ]
            row = unit(
                d,
                e.episode_id,
                e.start_day + d.observe_days <= e.observed_to_day,
                None if kept else "no visit was expected",
                False,
                len(kept),
            )
            row.events = sum(kept) if row.chances else 0
            out.append(row)
    return out


def measure_engagement(w: Warehouse) -> Rows:
    out = []
    for d in asked(w, "engagement"):
        for e in w.index_episodes:
            spans = [
                (max(day - e.start_day, 1), to - e.start_day)
                for day, to, place in care_of(w, e.person_no)
                if place.sets_the_day and to > e.start_day
            ]
            begun = min((day for day, _ in spans if day <= d.within_days), default=None)
            if d.event == "engaged from the start" or e.level_of_care in FULL_STAYS:
                begun = 0
            further = (
                0
                if begun is None
                else sum(
                    len([day for day in range(since, to + 1) if begun < day <= begun + d.further_days])
                    for since, to in spans
                )
            )
            happened = begun is not None if d.event == "initiated" else further >= 2
            out.append(
                unit(
                    d,
                    e.episode_id,
                    e.start_day + d.observe_days <= e.observed_to_day,
                    "no substance use disorder" if d.sud_only and not e.sud_flag else None,
                    happened,
                )
            )
    return out


def measure_stays(w: Warehouse) -> Rows:
    out, endings, numbers = (
        [],
        {row.episode_id: row.ending for row in w.endings},
        {p.patient_id: p.person_no for p in w.person},
    )
    for d in asked(w, "stays"):
        for stay in w.readmission:
            seen = stay.discharge_day + d.observe_days <= w.people[stay.patient_id].observed_to_day
            deaths = [
                f.contact_day
                for f in w.raw_followups
                if f.patient_id == stay.patient_id and (f.reached == "died" or f.alive is False)
            ]
            deaths += [
                e.last_day for e in w.episodes if e.patient_id == stay.patient_id and endings[e.episode_id] == "died"
            ]
            excluded = None
            if stay.ending in ("in_care", "died"):
                excluded = {"in_care": "still there", "died": "died"}[stay.ending]
            elif not stay.eligible and seen:
                excluded = "went on to other 24-hour care"
            elif d.event == "seen" and stay.readmitted_30:
                excluded = "back in 24-hour care"
            elif d.event == "seen" and any(0 <= day - stay.discharge_day <= 30 for day in deaths):
                excluded = "died"
            visits = [
                day - stay.discharge_day
                for day, _, place in care_of(w, numbers[stay.patient_id])
                if place.sets_the_day and place.level_of_care not in FULL_STAYS and day > stay.discharge_day
            ]
            happened = any(day <= d.at_day for day in visits)
            if d.event == "readmitted":
                happened = stay.readmission_day is not None and stay.readmission_day <= d.at_day
            out.append(unit(d, stay.stay_id, seen, excluded, happened))
    return out


def calendar(day: int, months: int) -> tuple[int, int]:
    when = date(1970, 1, 1) + timedelta(days=day)
    return when.year, (when.month - 1) // months + 1


def measure_members(w: Warehouse) -> Rows:
    out, episodes = [], {e.episode_id: e for e in w.episodes}
    definitions = {(d.measure, d.instrument_id, d.at_day): d for d in w.measure_definition}
    end = max(p.observed_to_day for p in w.person)
    rows = [
        *w.measure_change,
        *w.measure_courses,
        *w.measure_retention,
        *w.measure_attendance,
        *w.measure_engagement,
        *w.measure_stays,
    ]
    for row in rows:
        d, e = definitions[row.measure, row.instrument_id, row.at_day], episodes[row.unit_id]
        period, month, too_late = e.period, None, (None, None)
        if w.choice.calendar:
            day, late = e.start_day if d.unit == "person" else e.last_day, end - d.observe_days + 1
            (year, quarter), (_, m) = calendar(day, 3), calendar(day, 1)
            period, month = f"{year}Q{quarter}", f"{year}-{m:02}"
            (year, quarter), (_, m) = calendar(late, 3), calendar(late, 1)
            too_late = f"{year}Q{quarter}", f"{year}-{m:02}"
        out.append(
            SimpleNamespace(
                **vars(row),
                unit=d.unit,
                patient_id=e.patient_id,
                arm=e.arm,
                site=e.site,
                program_id=e.program_id,
                payer=e.payer,
                race_ethnicity=w.people[e.patient_id].race_ethnicity,
                period=period,
                month=month,
                in_denominator=row.observable and row.excluded is None,
                period_too_late=too_late[0],
                month_too_late=too_late[1],
            )
        )
    return out


def measure_cells(w: Warehouse) -> Rows:
    cells: dict[tuple, list] = {}
    columns = ("measure", "instrument_id", "at_day", "arm", "site", "payer", "race_ethnicity", "period", "month")
    seen = by(w.measure_members, lambda row: (row.measure, row.instrument_id, row.at_day, row.period))
    for row in w.measure_members:
        if row.arm is not None:
            cells.setdefault(tuple(getattr(row, name) for name in columns), []).append(row)
    return [
        SimpleNamespace(
            **dict(zip(columns, cell, strict=True)),
            period_complete=over(rows[0], seen[cell[:3] + cell[7:8]]),
            month_complete=rows[0].month is not None and rows[0].month < rows[0].month_too_late,
            people=sum(row.in_denominator for row in rows),
            events=sum(row.events for row in rows),
            chances=sum(row.chances for row in rows),
            events_squared=sum(row.events**2 for row in rows),
            events_chances=sum(row.events * row.chances for row in rows),
            chances_squared=sum(row.chances**2 for row in rows),
        )
        for cell, rows in cells.items()
    ]


def over(row: SimpleNamespace, same_period: Rows) -> bool | None:
    """Whether everybody of the period could be seen to the end, as its measure asks."""
    if row.month is not None:
        return row.period < row.period_too_late
    return None if row.period is None else all(other.observable for other in same_period)
