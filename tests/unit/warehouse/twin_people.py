"""What the tables from new starts to the analysis set and readmission say, said plainly."""

from types import SimpleNamespace

from tests.unit.warehouse.twins import INTENSITY, Rows, Warehouse, by, care_of, first_not_none, nearest, scores_of


def starts(w: Warehouse) -> Rows:
    out = []
    for e in w.episodes:
        if e.arm is None:
            continue
        served = [
            min(to, e.start_day - 1)
            for day, to, place in care_of(w, e.person_no)
            if day < e.start_day and place.level_of_care in w.arms
        ]
        last = max(served, default=None)
        out.append(
            SimpleNamespace(
                episode_id=e.episode_id,
                patient_id=e.patient_id,
                program_id=e.program_id,
                arm=e.arm,
                level_of_care=e.level_of_care,
                intensity=INTENSITY[e.level_of_care],
                start_day=e.start_day,
                last_served_day=last,
                washout_observable=w.people[e.patient_id].observed_from_day <= e.start_day - w.choice.washout_days,
                washout_clean=last is None or last < e.start_day - w.choice.washout_days,
            )
        )
    return out


def index_episodes(w: Warehouse) -> Rows:
    out, episodes = [], {e.episode_id: e for e in w.episodes}
    for patient, rows in by(w.starts, lambda r: r.patient_id).items():
        new = [episodes[r.episode_id] for r in rows if r.washout_observable and r.washout_clean]
        if new:
            index = min(new, key=lambda e: (e.start_day, -INTENSITY[e.level_of_care], e.program_id, e.episode_id))
            seen = w.people[patient]
            out.append(
                SimpleNamespace(
                    **vars(index), observed_from_day=seen.observed_from_day, observed_to_day=seen.observed_to_day
                )
            )
    return out


def stay_parts(w: Warehouse) -> Rows:
    out = []
    for patient, rows in by(
        [e for e in w.episodes if e.level_of_care in ("RES", "IP")], lambda e: e.patient_id
    ).items():
        stays: list[Rows] = []
        for e in sorted(rows, key=lambda e: (e.start_day, e.last_day, e.episode_id)):
            covered = max((x.last_day for stay in stays for x in stay), default=None)
            if covered is not None and e.start_day - covered <= w.choice.transfer_days:
                stays[-1].append(e)
            else:
                stays.append([e])
        for number, stay in enumerate(stays, start=1):
            ordered = sorted(stay, key=lambda e: (-e.last_day, -e.start_day, e.episode_id))
            out += [
                SimpleNamespace(
                    episode_id=e.episode_id,
                    patient_id=patient,
                    stay=number,
                    start_day=e.start_day,
                    last_day=e.last_day,
                    place_from_end=place,
                )
                for place, e in enumerate(ordered, start=1)
            ]
    return out


def readmission(w: Warehouse) -> Rows:
    out, episodes, endings = [], {e.episode_id: e for e in w.episodes}, {row.episode_id: row for row in w.endings}
    index = {e.episode_id for e in w.index_episodes}
    for patient, parts in by(w.stay_parts, lambda p: p.patient_id).items():
        stays = by(parts, lambda p: p.stay)
        for number, stay in stays.items():
            last = min(stay, key=lambda p: p.place_from_end)
            left = max(p.last_day for p in stay)
            after = min((p.start_day for p in stays.get(number + 1, [])), default=None)
            e, ending = episodes[last.episode_id], endings[last.episode_id]
            if e.latest_day != e.last_day or not w.choice.seen_after:
                continue
            asked = (
                ending.ending not in ("died", "in_care")
                and not ending.to_24_hour_care
                and left + 30 <= w.people[patient].observed_to_day
            )
            back = asked and after is not None and 2 <= after - left <= 30
            out.append(
                SimpleNamespace(
                    stay_id=e.episode_id,
                    patient_id=patient,
                    level_of_care=e.level_of_care,
                    arm=e.arm,
                    program_id=e.program_id,
                    site=e.site,
                    start_day=min(p.start_day for p in stay),
                    discharge_day=left,
                    ending=ending.ending,
                    eligible=asked,
                    readmitted_30=back if asked else None,
                    readmission_day=after - left if back else None,
                    next_stay_in=None if after is None else after - left,
                    index_episode=any(p.episode_id in index for p in stay),
                )
            )
    return out


def prior_care(w: Warehouse) -> Rows:
    out = []
    for e in w.index_episodes:
        known, source = e.prior_24h_care_12m, "recorded"
        if known is None:
            seen = e.observed_from_day <= e.start_day - 365
            stays = [
                to
                for day, to, place in care_of(w, e.person_no)
                if place.level_of_care in ("RES", "IP") and day < e.start_day
            ]
            known, source = (any(to >= e.start_day - 365 for to in stays), "derived") if seen else (None, None)
        out.append(SimpleNamespace(episode_id=e.episode_id, prior_24h_care=known, source=source))
    return out


def baseline_modality(w: Warehouse) -> Rows:
    out = []
    for e in w.index_episodes:
        held = [
            (s.session_id, s.modality)
            for s in w.sessions
            if s.attended
            and s.modality
            and (s.patient_id, s.program_id, s.service_day) == (e.patient_id, e.program_id, e.start_day)
        ]
        modality = min(held)[1] if held else "in_person" if e.level_of_care in ("RES", "IP") else None
        out.append(SimpleNamespace(episode_id=e.episode_id, baseline_modality=modality))
    return out


def main_therapist(w: Warehouse) -> Rows:
    out = []
    for e in w.index_episodes:
        seen = by(
            (
                s
                for s in w.sessions
                if s.attended
                and s.therapist_id is not None
                and (s.patient_id, s.program_id) == (e.patient_id, e.program_id)
                and e.start_day <= s.service_day <= e.last_day
            ),
            lambda s: s.therapist_id,
        )
        if seen:
            most = min(seen, key=lambda who: (-len(seen[who]), min(s.service_day for s in seen[who]), who))
            out.append(SimpleNamespace(episode_id=e.episode_id, therapist_id=most, services=len(seen[most])))
    return out


def confounder_readings(w: Warehouse) -> Rows:
    out = []
    for e in w.index_episodes:
        for c in w.confounder_instrument:
            field = c.item or "score"
            scores = [
                pair
                for pair in scores_of(
                    w, e.patient_id, c.instrument_id, e.start_day, (w.choice.baseline_from, w.choice.baseline_to)
                )
                if getattr(pair[1], field) is not None
            ]
            found = nearest(scores, 0)
            if found:
                out.append(
                    SimpleNamespace(
                        episode_id=e.episode_id,
                        role=c.role,
                        priority=c.priority,
                        source=f"{c.instrument_id}:{c.item}" if c.item else c.instrument_id,
                        day=found[0],
                        value=getattr(found[1], field),
                    )
                )
    return out


def confounder_source(w: Warehouse) -> Rows:
    return [
        SimpleNamespace(role=role, priority=min(row.priority for row in rows))
        for role, rows in by(w.confounder_readings, lambda row: row.role).items()
    ]


def diagnosis_group(code: str | None) -> str | None:
    if code is None:
        return None
    letter, number = code[0].upper(), code[1:3]
    groups = {
        **{str(n): "substance" for n in range(10, 20)},
        **{str(n): "psychosis" for n in range(20, 30)},
        **{str(n): "mood" for n in range(30, 40)},
        **{str(n): "anxiety" for n in range(40, 49)},
        "43": "trauma",
        "50": "eating",
        **{str(n): "personality" for n in range(60, 70)},
    }
    return groups.get(number, "other") if letter == "F" else "other"


def analysis_set(w: Warehouse) -> Rows:
    out = []
    used = {row.role: row.priority for row in w.confounder_source}
    readings = {(r.episode_id, r.role): r for r in w.confounder_readings if used[r.role] == r.priority}
    prior = {row.episode_id: row.prior_24h_care for row in w.prior_care}
    modality = {row.episode_id: row.baseline_modality for row in w.baseline_modality}
    therapist = {row.episode_id: row.therapist_id for row in w.main_therapist}
    for e in w.index_episodes:
        p = w.people[e.patient_id]
        age = p.age_at_index
        if age is None and p.birth_year is not None and e.period:
            age = int(e.period[:4]) - p.birth_year
        risk, function = readings.get((e.episode_id, "suicide_risk")), readings.get((e.episode_id, "function"))
        out.append(
            SimpleNamespace(
                patient_id=e.patient_id,
                episode_id=e.episode_id,
                arm=e.arm,
                level_of_care=e.level_of_care,
                program_id=e.program_id,
                site=e.site,
                start_day=e.start_day,
                period=e.period,
                observed_to_day=p.observed_to_day,
                age=None if age is None else float(age),
                sex=p.sex,
                race_ethnicity=p.race_ethnicity,
                payer=e.payer,
                referral_source=e.referral_source,
                diagnosis_group=diagnosis_group(e.primary_dx),
                housing=p.housing,
                prior_24h_care=prior[e.episode_id],
                prior_episodes=None if p.prior_episodes_lifetime is None else float(p.prior_episodes_lifetime),
                sud=e.sud_flag,
                trauma=e.trauma_flag,
                psychosis=e.psychosis_flag,
                baseline_modality=modality[e.episode_id],
                suicide_risk=getattr(risk, "value", None),
                suicide_risk_source=getattr(risk, "source", None),
                function_score=getattr(function, "value", None),
                function_source=getattr(function, "source", None),
                track=e.track,
                planned_weeks=e.planned_weeks,
                recommended_level=e.recommended_level,
                therapist_id=therapist.get(e.episode_id),
            )
        )
    return out


def attrition_people(w: Warehouse) -> Rows:
    out, index = [], {e.patient_id: e.arm for e in w.index_episodes}
    served, compared = {d.person_no for d in w.service_days}, by(w.starts, lambda row: row.patient_id)
    for p in w.person:
        rows = sorted(
            compared[p.patient_id], key=lambda r: (r.start_day, -INTENSITY[r.level_of_care], r.program_id, r.episode_id)
        )
        step = 5
        if p.person_no not in served:
            step = 1
        elif not rows:
            step = 2
        elif not any(row.washout_observable for row in rows):
            step = 3
        elif p.patient_id not in index:
            step = 4
        arm = index.get(p.patient_id) or first_not_none(*[row.arm for row in rows], "")
        out.append(SimpleNamespace(patient_id=p.patient_id, arm=arm, left_at_step=step))
    return out


def attrition_flow(w: Warehouse) -> Rows:
    sentences = [
        "people in the records",
        "left out: no attended service and no stay is recorded",
        "left out: never at a compared level of care, or at a level that nobody could tell",
        "left out: their records begin too late to tell a new start from care that was already going on",
        f"left out: in care at a compared level within {w.choice.washout_days} days before every start",
        "people who started new at a compared level of care",
    ]
    out = []
    for step, sentence in enumerate(sentences):
        for arm in [""] if step < 3 else sorted(set(w.arms.values())):
            people = [row.left_at_step for row in w.attrition_people if not arm or row.arm == arm]
            out.append(
                SimpleNamespace(
                    step=step,
                    sentence=sentence,
                    arm=arm,
                    n_left=sum(s > step or s == 5 for s in people),
                    n_removed=sum(s == step for s in people) if step < 5 else 0,
                )
            )
    return out


def index_attendance(w: Warehouse) -> Rows:
    out, last = [], max(row.at_day for row in w.retention_day)
    for e in w.index_episodes:
        asked = [
            s.counts_as_attended
            for s in w.sessions
            if s.patient_id == e.patient_id
            and s.counts_as_attended is not None
            and e.start_day <= s.service_day <= e.start_day + last
        ]
        if asked:
            out.append(SimpleNamespace(episode_id=e.episode_id, expected_sessions=len(asked), kept_sessions=sum(asked)))
    return out


def screen_weeks(w: Warehouse) -> Rows:
    out = []
    screens = {i.instrument_id for i in w.instrument if (i.total_min, i.total_max) == (0, 1)}
    for e in w.index_episodes:
        seen = {
            (s.service_day - e.start_day) // 7
            for s in w.sessions
            if s.patient_id == e.patient_id and s.attended and 0 <= s.service_day - e.start_day < 182
        }
        for instrument in screens & {a.instrument_id for a in w.raw_assessments}:
            for week in seen:
                scores = [
                    a.score
                    for a in w.raw_assessments
                    if (a.patient_id, a.instrument_id) == (e.patient_id, instrument)
                    and a.assessed_day >= e.start_day
                    and (a.assessed_day - e.start_day) // 7 == week
                ]
                out.append(
                    SimpleNamespace(
                        episode_id=e.episode_id,
                        instrument_id=instrument,
                        week=week,
                        screened=bool(scores),
                        found=any(score > 0 for score in scores),
                    )
                )
    return out
