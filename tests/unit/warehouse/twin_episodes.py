"""What the tables from days in care to doses and endings say, said plainly."""

from types import SimpleNamespace

from tests.unit.warehouse.twins import INTENSITY, SLEEPING, Rows, Warehouse, by, chained, first_not_none


def derived_episodes(w: Warehouse) -> Rows:
    out = []
    people, settings = {p.person_no: p for p in w.person}, {s.setting_no: s for s in w.setting}
    served = w.service_days if w.raw_sessions else []
    for (number, setting_no), days in by(served, lambda d: (d.person_no, d.setting_no)).items():
        place, patient = settings[setting_no], people[number].patient_id
        for stay in chained(sorted((d.service_day, d.through_day) for d in days), place.gap_days):
            out.append(
                SimpleNamespace(
                    episode_id=f"{patient}/{place.program_id}/{place.level_of_care}/{stay[0][0]}",
                    patient_id=patient,
                    person_no=number,
                    setting_no=setting_no,
                    program_id=place.program_id,
                    level_of_care=place.level_of_care,
                    start_day=stay[0][0],
                    last_day=max(end for _, end in stay),
                )
            )
    return out


def episode_match(w: Warehouse) -> Rows:
    out, recorded = [], {row.episode_id: row for row in w.recorded_episodes}
    for e in w.derived_episodes:
        shares: dict[str, set] = {}
        extra: dict[str, int] = {}
        own = [
            s
            for s in w.sessions
            if s.attended
            and (s.patient_id, s.program_id, s.level_of_care) == (e.patient_id, e.program_id, e.level_of_care)
            and e.start_day <= s.service_day <= e.last_day
        ]
        mine = [row for row in w.recorded_episodes if row.patient_id == e.patient_id]
        for s in own:
            named = recorded.get(s.recorded_episode_id)
            if named and named.patient_id == s.patient_id:
                claims = [named]
            else:
                claims = [
                    row
                    for row in mine
                    if row.start_day <= s.service_day and (row.last_day is None or s.service_day <= row.last_day)
                ]
            for row in claims:
                shares.setdefault(row.episode_id, set()).add(s.service_day)
        for stay in w.recorded_stays:
            if (stay.patient_id, stay.program_id, stay.level_of_care) == (
                e.patient_id,
                e.program_id,
                e.level_of_care,
            ) and e.start_day <= stay.start_day <= e.last_day:
                for row in mine:
                    if (row.program_id, row.level_of_care, row.start_day) == (
                        stay.program_id,
                        stay.level_of_care,
                        stay.start_day,
                    ):
                        last = row.start_day if row.last_day is None else row.last_day
                        extra[row.episode_id] = extra.get(row.episode_id, 0) + last - row.start_day + 1
        days = {key: len(shares.get(key, ())) + extra.get(key, 0) for key in shares.keys() | extra.keys()}
        if days:
            best = min(
                days,
                key=lambda key: (-days[key], recorded[key].program_id != e.program_id, recorded[key].start_day, key),
            )
            out.append(SimpleNamespace(episode_id=e.episode_id, recorded_episode_id=best, shared_days=days[best]))
    return out


TAKEN = (
    "recommended_level",
    "referral_source",
    "mandated",
    "payer",
    "primary_dx",
    "sud_flag",
    "trauma_flag",
    "psychosis_flag",
    "prior_24h_care_12m",
    "track",
    "planned_weeks",
    "planned_hours_per_week",
)


def episodes(w: Warehouse) -> Rows:
    out, recorded = [], {row.episode_id: row for row in w.recorded_episodes}
    matched = {row.episode_id: row.recorded_episode_id for row in w.episode_match}
    sites = {row.program_id: row.site for row in w.raw_programs}
    numbers = {p.patient_id: p.person_no for p in w.person}
    stays = (
        [(row, matched.get(row.episode_id), row.last_day, "sessions") for row in w.derived_episodes]
        if w.raw_sessions
        else [
            (row, row.episode_id, first_not_none(row.last_day, row.start_day), "recorded episodes")
            for row in w.recorded_episodes
        ]
    )
    for row, source, last, made_from in stays:
        origin, level = recorded.get(source), row.level_of_care or "UNKNOWN"
        period = getattr(origin, "admit_year", None)
        if w.choice.calendar:
            year, start = 1970, row.start_day
            assert start < 365
            if start < 0:
                year, start = 1969, start + 365
            period = f"{year}Q{1 + (start >= 90) + (start >= 181) + (start >= 273)}"
        out.append(
            SimpleNamespace(
                episode_id=row.episode_id,
                patient_id=row.patient_id,
                person_no=numbers[row.patient_id],
                program_id=row.program_id,
                site=sites.get(row.program_id) or row.program_id,
                level_of_care=level,
                is_24_hour=level in SLEEPING,
                arm=w.arms.get(level),
                start_day=row.start_day,
                last_day=last,
                latest_day=last if made_from == "sessions" else first_not_none(row.latest_day, row.start_day),
                made_from=made_from,
                recorded_episode_id=source,
                recorded_start_day=getattr(origin, "start_day", None),
                recorded_last_day=getattr(origin, "last_day", None),
                recorded_level=getattr(origin, "level_of_care", None),
                period=period,
                **{name: getattr(origin, name, None) for name in TAKEN},
            )
        )
    return out


def episode_agreement(w: Warehouse) -> Rows:
    ours = [row for row in w.episodes if row.made_from == "sessions"]
    out = []
    for line, what, sentence, theirs, mine in (
        (1, "level", "derived and recorded level of care differ", "recorded_level", "level_of_care"),
        (2, "start", "first served day and recorded start differ", "recorded_start_day", "start_day"),
        (3, "end", "last served day and recorded end differ", "recorded_last_day", "last_day"),
    ):
        pairs = [(getattr(row, theirs), getattr(row, mine)) for row in ours if getattr(row, theirs) is not None]
        out.append(
            SimpleNamespace(
                what=what, line=line, sentence=sentence, n_compared=len(pairs), n_differ=sum(a != b for a, b in pairs)
            )
        )
    used = {row.recorded_episode_id for row in w.episodes}
    out.append(
        SimpleNamespace(
            what="recorded",
            line=4,
            sentence="no recorded episode shares a day with the derived one",
            n_compared=len(ours),
            n_differ=sum(row.recorded_episode_id is None for row in ours),
        )
    )
    out.append(
        SimpleNamespace(
            what="derived",
            line=5,
            sentence="no derived episode takes its attributes from the recorded one",
            n_compared=len(w.recorded_episodes),
            n_differ=sum(row.episode_id not in used for row in w.recorded_episodes),
        )
    )
    return out


def in_time(w: Warehouse) -> dict[str, Rows]:
    """Each person's episodes at the five levels, in the order in which they started."""
    ranked = [row for row in w.episodes if row.level_of_care in INTENSITY]
    return {
        patient: sorted(rows, key=lambda r: (r.start_day, -INTENSITY[r.level_of_care], r.episode_id))
        for patient, rows in by(ranked, lambda r: r.patient_id).items()
    }


def transitions(w: Warehouse) -> Rows:
    out = []
    for patient, rows in in_time(w).items():
        for row, after in zip(rows, [*rows[1:], None], strict=True):
            gap, kind, direct = None, "none", False
            if after:
                gap = after.start_day - row.last_day
                step = INTENSITY[after.level_of_care] - INTENSITY[row.level_of_care]
                direct = gap <= w.choice.transfer_days
                if gap <= w.choice.chain_days:
                    kind = "step_down" if step < 0 else "step_up" if step > 0 else "transfer" if direct else "lateral"
            out.append(
                SimpleNamespace(
                    episode_id=row.episode_id,
                    patient_id=patient,
                    level_of_care=row.level_of_care,
                    next_episode_id=getattr(after, "episode_id", None),
                    next_level=getattr(after, "level_of_care", None),
                    gap=gap,
                    kind=kind,
                    direct=direct,
                )
            )
    return out


def dose_weeks(w: Warehouse) -> Rows:
    out = []
    settings = {s.setting_no: s for s in w.setting}
    people = {p.person_no: p.patient_id for p in w.person}
    claimed = {
        (people[d.person_no], d.service_day): settings[d.setting_no]
        for d in w.service_days
        if d.source == "day" and settings[d.setting_no].sets_the_day
    }
    for e in w.episodes:
        services = []
        for s in w.sessions:
            day = claimed.get((s.patient_id, s.service_day))
            level = s.level_of_care
            if day and day.program_id == s.program_id and level not in ("WM", "ED"):
                level = day.level_of_care
            if (s.patient_id, s.program_id, level) == (
                e.patient_id,
                e.program_id,
                e.level_of_care,
            ) and e.start_day <= s.service_day <= e.last_day:
                services.append(s)
        for week in range((e.last_day - e.start_day) // 7 + 1 if e.made_from == "sessions" else 1):
            inside = [s for s in services if (s.service_day - e.start_day) // 7 == week]
            beds = sum(s.status == "bed_day" for s in inside)
            imputed = sum(s.scheduled_minutes or 0.0 for s in inside if s.minutes_imputed) / 60
            out.append(
                SimpleNamespace(
                    episode_id=e.episode_id,
                    week=week,
                    complete=e.start_day + 7 * week + 6 <= e.last_day,
                    scheduled_hours=hours([s.scheduled_minutes for s in inside], beds),
                    attended_hours=hours([s.attended_minutes for s in inside], beds),
                    attended_services=sum(s.counts_as_attended is True for s in inside),
                    expected_services=sum(s.counts_as_attended is not None for s in inside),
                    bed_days=beds,
                    untimed_days=sum(
                        all(s.scheduled_minutes is None for s in day)
                        for day in by([s for s in inside if s.status != "bed_day"], lambda s: s.service_day).values()
                    ),
                    imputed_hours=imputed,
                    minutes_imputed=imputed > 0,
                )
            )
    return out


def hours(minutes: list[float | None], beds: int) -> float | None:
    known = [value for value in minutes if value is not None]
    return None if beds and not known else sum(known, 0.0) / 60


def endings(w: Warehouse) -> Rows:
    out, recorded = [], {row.episode_id: row for row in w.recorded_episodes}
    for rows in by(w.episodes, lambda r: r.recorded_episode_id or r.episode_id).values():
        rows.sort(key=lambda row: (row.last_day, row.start_day, row.episode_id))
        for row, after in zip(rows, [*rows[1:], None], strict=True):
            record = recorded.get(row.recorded_episode_id)
            if after:
                near = after.start_day - row.last_day <= w.choice.chain_days
                source, ending = ("went on", "transferred") if near else ("came back", "dropped_out")
            elif record and record.ending:
                source, ending = "discharge", record.ending
            elif w.people[row.patient_id].observed_to_day < row.last_day + w.gaps[row.level_of_care]:
                source, ending = "end of the data", "in_care"
            else:
                source, ending = "none", "unknown"
            told = source == "discharge"
            planned = {
                "completed": True,
                "transferred": True,
                "dropped_out": False,
                "ama": False,
                "terminated": False,
                "incarcerated": False,
            }.get(ending)
            lag = record.discharge_day - row.last_day if told and record.discharge_day is not None else None
            out.append(
                SimpleNamespace(
                    episode_id=row.episode_id,
                    last_contact_day=row.last_day,
                    ending=ending,
                    planned=first_not_none(record.planned_ending if told else None, planned),
                    closure_lag=lag,
                    to_24_hour_care=bool(told and record.destination_level in SLEEPING),
                    source=source,
                )
            )
    return out
