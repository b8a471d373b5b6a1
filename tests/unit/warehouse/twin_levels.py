"""What the tables from codes to days in care say, said plainly."""

from types import SimpleNamespace

from tests.unit.warehouse.twins import SETTERS, SLEEPING, Rows, Warehouse, by, chained, first_not_none


def hospital_program(w: Warehouse) -> Rows:
    out = []
    for program, rows in by([s for s in w.raw_sessions if s.pos or s.bill_type], lambda s: s.program_id).items():
        hospital = [
            s for s in rows if (s.pos or "") in ("21", "51") or (s.bill_type or "").rjust(4, "0").startswith("011")
        ]
        if len(hospital) / len(rows) >= 0.5:
            out.append(SimpleNamespace(program_id=program, placed_services=len(rows), hospital_services=len(hospital)))
    return out


def recorded_level(w: Warehouse, episode: SimpleNamespace) -> str | None:
    if episode.asam_level == "3.7" and episode.level_of_care in (None, "RES", "IP"):
        hospitals = {row.program_id for row in hospital_program(w)}
        return "IP" if episode.program_id in hospitals else w.choice.residential_3_7
    crosswalk = {"1": "OP", "2.1": "IOP", "2.5": "PHP", "3.1": "RES", "4": "IP"}
    return episode.level_of_care or crosswalk.get(episode.asam_level)


def recorded_episodes(w: Warehouse) -> Rows:
    out, discharges = [], {row.episode_id: row for row in w.raw_discharges}
    kept = (
        "episode_id",
        "patient_id",
        "program_id",
        "start_day",
        "end_day",
        "admit_year",
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
    for episode in w.raw_episodes:
        level, left = recorded_level(w, episode), discharges.get(episode.episode_id)
        last = episode.end_day
        if last is None and level in ("RES", "IP") and left and left.discharge_day is not None:
            last = left.discharge_day if left.discharge_day >= episode.start_day else None
        out.append(
            SimpleNamespace(
                **{name: getattr(episode, name) for name in kept},
                level_of_care=level,
                is_24_hour=level in SLEEPING,
                last_day=last,
                latest_day=last if None in (episode.end_day, episode.end_latest_day) else episode.end_latest_day,
                level_3_7=episode.asam_level == "3.7" and level in ("RES", "IP"),
                **{
                    name: getattr(left, name, None)
                    for name in ("discharge_day", "ending", "planned_ending", "destination_level")
                },
            )
        )
    return out


DEFINITIVE = {
    "S9480": "IOP",
    "H0035": "PHP",
    "H0017": "RES",
    "H0010": "WM",
    "41": "PHP",
    "92": "IOP",
    "5861": "IOP",
    "5853": "PHP",
    "0905": "IOP",
    "912": "PHP",
    "1001": "RES",
}
PLACE = {"21": "IP", "51": "IP", "52": "PHP", "55": "RES", "23": "ED", "58": "OTP"}
EITHER = {
    "H2036": ("PHP", "RES"),
    "G0410": ("IOP", "PHP"),
    "0907": ("IOP", "PHP"),
    "0118": ("RES", "IP"),
    "57": ("OP", "IOP"),
}


def coded_level(w: Warehouse) -> Rows:
    out, episodes = [], {row.episode_id: row for row in w.recorded_episodes}
    for s in w.raw_sessions:
        episode = episodes.get(s.episode_id)
        if episode and episode.patient_id != s.patient_id:
            episode = None
        overrides = episode and episode.level_3_7 and s.level_of_care in ("RES", "IP")
        if s.level_of_care is not None and not overrides:
            continue
        answers = [("recorded episode", episode and episode.level_of_care)]
        answers += [
            ("per-diem or condition code", DEFINITIVE.get(code)) for code in (s.cpt_hcpcs, s.condition_code, s.apc)
        ]
        answers += [("revenue code", DEFINITIVE.get(s.revenue_code))]
        answers += [
            ("place of service", "IP" if s.bill_type in ("111", "0110") else None),
            ("place of service", PLACE.get(s.pos)),
        ]
        rule, level = next(((rule, level) for rule, level in answers if level), (None, None))
        lower, upper = next(
            (EITHER[code] for code in (s.cpt_hcpcs, s.revenue_code, s.pos) if code in EITHER), (None, None)
        )
        out.append(
            SimpleNamespace(
                session_id=s.session_id,
                patient_id=s.patient_id,
                program_id=s.program_id,
                service_day=s.service_day,
                level_of_care=level,
                level_rule=rule,
                lower_level=lower,
                upper_level=upper,
            )
        )
    return out


def per_diem_days(w: Warehouse) -> Rows:
    out = []
    for (patient, program, day), rows in by(
        w.raw_sessions, lambda s: (s.patient_id, s.program_id, s.service_day)
    ).items():
        if any(s.minutes_scheduled for s in rows):
            continue
        billed = []
        for s in [s for s in rows if s.minutes_scheduled is None]:
            code = next(
                (DEFINITIVE[c] for c in (s.cpt_hcpcs, s.condition_code, s.apc, s.revenue_code) if c in DEFINITIVE), None
            )
            if code in ("IOP", "PHP"):
                billed.append((s.status != "attended", code != "PHP", s.session_id, code))
        if billed:
            out.append(
                SimpleNamespace(
                    patient_id=patient,
                    program_id=program,
                    service_day=day,
                    session_id=min(billed)[2],
                    code_level=min(billed)[3],
                )
            )
    return out


def weekly_hours(w: Warehouse) -> Rows:
    out = []
    per_diem = {
        row.session_id: 60 * (w.choice.iop_day_hours if row.code_level == "IOP" else w.choice.php_day_hours)
        for row in w.per_diem_days
    }
    concerned = {(row.patient_id, row.program_id) for row in w.coded_level if row.level_of_care is None}
    for (patient, program), rows in by(w.raw_sessions, lambda s: (s.patient_id, s.program_id)).items():
        if (patient, program) not in concerned:
            continue
        days = sorted({s.service_day for s in rows})
        for stretch in chained([(day, day) for day in days], w.choice.stretch_gap_days):
            first, last = stretch[0][0], stretch[-1][0]
            inside = [s for s in rows if first <= s.service_day <= last]
            for week, services in by(inside, lambda s, first=first: (s.service_day - first) // 7).items():
                minutes = sum(first_not_none(s.minutes_scheduled, per_diem.get(s.session_id), 0.0) for s in services)
                out.append(
                    SimpleNamespace(
                        patient_id=patient,
                        program_id=program,
                        first_day=first,
                        week=week,
                        from_day=min(s.service_day for s in services),
                        to_day=max(s.service_day for s in services),
                        scheduled_hours=minutes / 60,
                        complete=first + 7 * week + 6 <= last,
                    )
                )
    return out


def weekly_level(w: Warehouse) -> Rows:
    out = []
    for (patient, program, first), weeks in by(
        w.weekly_hours, lambda r: (r.patient_id, r.program_id, r.first_day)
    ).items():
        weeks.sort(key=lambda row: row.week)
        raw = [hours_level(w, row) for row in weeks]
        counts = [
            level if level and (row.complete or row.week == 0) else None for row, level in zip(weeks, raw, strict=True)
        ]
        current = None
        for place, row in enumerate(weeks):
            if counts[place]:
                later = [level for level in counts[place + 1 :] if level]
                if not any(counts[:place]) or (later and later[0] == counts[place]):
                    current = counts[place]
            out.append(
                SimpleNamespace(
                    patient_id=patient,
                    program_id=program,
                    first_day=first,
                    week=row.week,
                    from_day=row.from_day,
                    to_day=row.to_day,
                    hours_level=raw[place],
                    level_of_care=current or raw[place],
                )
            )
    return out


def hours_level(w: Warehouse, row: SimpleNamespace) -> str | None:
    person, hours = w.people[row.patient_id], row.scheduled_hours
    age = person.age_at_index
    if age is None and w.choice.calendar and person.birth_year is not None:
        age = 1970 + (1 if row.first_day >= 365 else 0) - person.birth_year
    if hours >= w.choice.php_hours:
        return "PHP"
    if hours >= (w.choice.adolescent_iop_hours if age is not None and age <= 17 else w.choice.iop_hours):
        return "IOP"
    return "OP" if hours else None


def service_level(w: Warehouse) -> Rows:
    out = []
    for row in w.coded_level:
        level, rule = row.level_of_care, row.level_rule
        if level is None:
            level = next(
                (
                    week.level_of_care
                    for week in w.weekly_level
                    if (week.patient_id, week.program_id) == (row.patient_id, row.program_id)
                    and week.from_day <= row.service_day <= week.to_day
                ),
                None,
            )
            rule = "scheduled hours" if level else "unknown"
            if level and (row.lower_level, row.upper_level) == ("IOP", "PHP") and level == "OP":
                level = "IOP"
            if level and (row.lower_level, row.upper_level) == ("OP", "IOP") and level == "PHP":
                level = "IOP"
        out.append(SimpleNamespace(session_id=row.session_id, level_of_care=level or "UNKNOWN", level_rule=rule))
    return out


def sessions(w: Warehouse) -> Rows:
    out, found = [], {row.session_id: row for row in w.service_level}
    per_diem = {row.session_id for row in w.per_diem_days}
    for s in w.raw_sessions:
        level = found[s.session_id].level_of_care if s.session_id in found else s.level_of_care
        minutes = s.minutes_scheduled
        if minutes is None and s.session_id in per_diem and level in ("IOP", "PHP"):
            minutes = 60 * (w.choice.iop_day_hours if level == "IOP" else w.choice.php_day_hours)
        bed, came = s.status == "bed_day", s.status == "attended"
        counts = None
        if came:
            known = s.minutes_attended is not None and s.minutes_scheduled is not None
            counts = not known or s.minutes_attended >= s.minutes_scheduled / 2
        elif s.status in ("no_show", "client_cancel_late"):
            counts = False
        out.append(
            SimpleNamespace(
                session_id=s.session_id,
                patient_id=s.patient_id,
                recorded_episode_id=s.episode_id,
                program_id=s.program_id,
                therapist_id=s.therapist_id,
                service_day=s.service_day,
                level_of_care=level,
                level_rule=found[s.session_id].level_rule if s.session_id in found else "written on the service",
                status=s.status,
                attended=bed or came,
                scheduled_minutes=None if bed else minutes,
                attended_minutes=first_not_none(s.minutes_attended, minutes) if came else None if bed else 0.0,
                counts_as_attended=counts,
                minutes_imputed=s.minutes_scheduled is None and minutes is not None,
                service_type=s.service_type,
                modality=s.modality,
            )
        )
    return out


def level_evidence(w: Warehouse) -> Rows:
    return [
        SimpleNamespace(
            level_of_care=level,
            level_rule=rule,
            services=len(rows),
            services_imputed=len([s for s in rows if s.minutes_imputed]),
        )
        for (level, rule), rows in by(w.sessions, lambda s: (s.level_of_care, s.level_rule)).items()
    ]


def recorded_stays(w: Warehouse) -> Rows:
    stays: dict = {}
    for e in w.recorded_episodes:
        last = e.start_day if e.last_day is None else e.last_day
        beds = [
            s
            for s in w.raw_sessions
            if s.status == "bed_day" and s.patient_id == e.patient_id and e.start_day <= s.service_day <= last
        ]
        if not w.raw_sessions or (e.level_of_care in ("RES", "IP") and not beds):
            key = (e.patient_id, e.program_id, e.level_of_care or "UNKNOWN", e.start_day)
            stays[key] = max(last, stays.get(key, last))
    return [
        SimpleNamespace(patient_id=p, program_id=g, level_of_care=v, start_day=d, last_day=last)
        for (p, g, v, d), last in stays.items()
    ]


def person(w: Warehouse) -> Rows:
    return [
        SimpleNamespace(
            patient_id=p.patient_id,
            person_no=number,
            observed_from_day=p.observed_from_day,
            observed_to_day=p.observed_to_day,
        )
        for number, p in enumerate(sorted(w.raw_patients, key=lambda p: p.patient_id), start=1)
    ]


def setting(w: Warehouse) -> Rows:
    used = {(s.program_id, s.level_of_care) for s in w.sessions} | {
        (s.program_id, s.level_of_care) for s in w.recorded_stays
    }
    ordered = sorted(used, key=lambda pair: (SETTERS.get(pair[1], 99), *pair))
    return [
        SimpleNamespace(
            setting_no=number,
            program_id=program,
            level_of_care=level,
            is_24_hour=level in SLEEPING,
            gap_days=w.gaps[level],
            sets_the_day=level in SETTERS,
            claim_no=0 if level in SETTERS else number,
        )
        for number, (program, level) in enumerate(ordered, start=1)
    ]


def service_days(w: Warehouse) -> Rows:
    out = []
    numbers = {p.patient_id: p.person_no for p in w.person}
    settings = {(row.program_id, row.level_of_care): row.setting_no for row in w.setting}
    for (patient, day), rows in by(
        [s for s in w.sessions if s.attended], lambda s: (s.patient_id, s.service_day)
    ).items():
        first = min(
            ((SETTERS[s.level_of_care], s.program_id, s.level_of_care) for s in rows if s.level_of_care in SETTERS),
            default=None,
        )
        claimed = {(first[1], first[2])} if first else set()
        claimed |= {(s.program_id, s.level_of_care) for s in rows if s.level_of_care in ("WM", "ED")}
        out += [
            SimpleNamespace(
                person_no=numbers[patient], service_day=day, setting_no=settings[pair], source="day", through_day=day
            )
            for pair in claimed
        ]
    out += [
        SimpleNamespace(
            person_no=numbers[s.patient_id],
            service_day=s.start_day,
            setting_no=settings[s.program_id, s.level_of_care],
            source="recorded stay",
            through_day=s.last_day,
        )
        for s in w.recorded_stays
    ]
    return out
