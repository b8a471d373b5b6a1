"""What the tables about leaving 24-hour care say, said plainly."""

from types import SimpleNamespace

from tests.unit.warehouse.twin_people import diagnosis_group
from tests.unit.warehouse.twins import Rows, Warehouse, by, care_of, first_not_none


def instrument_readings(w: Warehouse) -> Rows:
    return [
        SimpleNamespace(
            patient_id=a.patient_id,
            role=c.role,
            priority=c.priority,
            assessed_day=a.assessed_day,
            source=f"{c.instrument_id}:{c.item}" if c.item else c.instrument_id,
            value=getattr(a, c.item or "score"),
        )
        for a in w.raw_assessments
        for c in w.confounder_instrument
        if a.instrument_id == c.instrument_id and a.subscale == "" and getattr(a, c.item or "score") is not None
    ]


def diagnosis(w: Warehouse) -> Rows:
    return [SimpleNamespace(episode_id=e.episode_id, diagnosis_group=diagnosis_group(e.primary_dx)) for e in w.episodes]


def discharges_home(w: Warehouse) -> Rows:
    out, endings, number = [], {row.episode_id: row for row in w.endings}, {p.patient_id: p.person_no for p in w.person}
    for patient, stays in by(w.readmission, lambda s: s.patient_id).items():
        left = [
            s
            for s in stays
            if s.ending not in ("died", "in_care")
            and not endings[s.stay_id].to_24_hour_care
            and (s.next_stay_in is None or s.next_stay_in >= 2)
            and w.people[patient].observed_to_day > s.discharge_day
        ]
        if left:
            s = min(left, key=lambda s: (s.discharge_day, s.stay_id))
            out.append(
                SimpleNamespace(
                    stay_id=s.stay_id,
                    patient_id=patient,
                    person_no=number[patient],
                    level_of_care=s.level_of_care,
                    program_id=s.program_id,
                    site=s.site,
                    start_day=s.start_day,
                    discharge_day=s.discharge_day,
                    ending=s.ending,
                    planned=endings[s.stay_id].planned,
                    index_episode=s.index_episode,
                    next_stay_in=s.next_stay_in,
                    to_end=w.people[patient].observed_to_day - s.discharge_day,
                )
            )
    return out


def iop_starts(w: Warehouse) -> Rows:
    out = []
    for home in w.discharges_home:
        days = [
            day
            for day, _, place in care_of(w, home.person_no)
            if place.level_of_care == "IOP" and day >= home.discharge_day
        ]
        if days:
            out.append(SimpleNamespace(stay_id=home.stay_id, iop_day=min(days)))
    return out


def known_deaths(w: Warehouse) -> Rows:
    episodes = {e.episode_id: e for e in w.episodes}
    told = [(episodes[row.episode_id].patient_id, row.last_contact_day) for row in w.endings if row.ending == "died"]
    told += [
        (row.patient_id, row.contact_day) for row in w.raw_followups if row.reached == "died" or row.alive is False
    ]
    return [
        SimpleNamespace(patient_id=patient, death_day=min(days)[1])
        for patient, days in by(told, lambda t: t[0]).items()
    ]


def discharge_readings(w: Warehouse) -> Rows:
    out, used = [], {row.role: row.priority for row in w.confounder_source}
    for home in w.discharges_home:
        readings = {(r.role, r.source): [] for r in w.instrument_readings if used.get(r.role) == r.priority}
        for r in w.instrument_readings:
            if (r.role, r.source) in readings and r.patient_id == home.patient_id:
                readings[r.role, r.source].append((r.assessed_day, r.value))
        for outcome in w.outcome_definition:
            readings[outcome.outcome, outcome.instrument_id] = [
                (a.assessed_day, a.score)
                for a in w.raw_assessments
                if (a.patient_id, a.instrument_id, a.subscale) == (home.patient_id, outcome.instrument_id, "")
            ]
        for (role, source), scores in readings.items():
            within = [pair for pair in scores if home.discharge_day - 90 <= pair[0] <= home.discharge_day]
            if within:
                out.append(SimpleNamespace(stay_id=home.stay_id, role=role, source=source, value=max(within)[1]))
    return out


def step_down_set(w: Warehouse) -> Rows:
    out, episodes = [], {e.episode_id: e for e in w.episodes}
    iop, deaths = {r.stay_id: r.iop_day for r in w.iop_starts}, {r.patient_id: r.death_day for r in w.known_deaths}
    readings, groups = (
        {(r.stay_id, r.role): r for r in w.discharge_readings},
        {r.episode_id: r.diagnosis_group for r in w.diagnosis},
    )
    nothing = SimpleNamespace(value=None, source=None)
    for home in w.discharges_home:
        e, person, left = episodes[home.stay_id], w.people[home.patient_id], home.discharge_day
        told = [
            f.ed_visit
            for f in w.raw_followups
            if f.patient_id == home.patient_id and f.ed_visit is not None and left + 1 <= f.contact_day <= left + 120
        ]
        stayed = any(
            place.level_of_care in ("RES", "IP") and day < home.start_day and to >= home.start_day - 365
            for day, to, place in care_of(w, home.person_no)
        )
        seen = person.observed_from_day <= home.start_day - 365
        born = None if person.birth_year is None or e.period is None else int(e.period[:4]) - person.birth_year
        age, death = first_not_none(person.age_at_index, born), deaths.get(home.patient_id)
        risk, able = (readings.get((home.stay_id, role), nothing) for role in ("suicide_risk", "function"))
        out.append(
            SimpleNamespace(
                stay_id=home.stay_id,
                patient_id=home.patient_id,
                level_of_care=home.level_of_care,
                program_id=home.program_id,
                site=home.site,
                discharge_day=left,
                ending=home.ending,
                ended_as={True: "as planned", False: "otherwise", None: "not recorded"}[home.planned],
                came_as="new" if home.index_episode else "stepped up",
                stay_days=left - home.start_day + 1,
                to_iop=iop[home.stay_id] - left if home.stay_id in iop else None,
                to_readmission=home.next_stay_in,
                to_death=death - left if death is not None and death >= left else None,
                to_end=home.to_end,
                ed_visit=any(told) if told else None,
                period=e.period,
                age=None if age is None else float(age),
                sex=person.sex,
                race_ethnicity=person.race_ethnicity,
                payer=e.payer,
                referral_source=e.referral_source,
                diagnosis_group=groups[home.stay_id],
                housing=person.housing,
                prior_24h_care=first_not_none(e.prior_24h_care_12m, stayed if seen else None),
                prior_episodes=(
                    None if person.prior_episodes_lifetime is None else float(person.prior_episodes_lifetime)
                ),
                sud=e.sud_flag,
                trauma=e.trauma_flag,
                psychosis=e.psychosis_flag,
                suicide_risk=risk.value,
                suicide_risk_source=risk.source,
                function_score=able.value,
                function_source=able.source,
            )
        )
    return out
