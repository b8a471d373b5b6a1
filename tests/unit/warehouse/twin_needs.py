"""What the tables of tracks, placements and harm say, said plainly."""

from types import SimpleNamespace

from tests.unit.warehouse.twins import INTENSITY, Rows, Warehouse, by

WINDOWS = {30: ("30d", 15, 45), 90: ("90d", 60, 120)}


def trauma_tracks(w: Warehouse) -> Rows:
    cut = next(i.caseness_cut for i in w.instrument if i.instrument_id == "PCL5")
    followed = {o.outcome for o in w.outcome_definition if o.instrument_id == "PCL5"}
    above = {b.episode_id for b in w.baseline_scores if b.outcome in followed and b.baseline_score >= cut}
    return [
        SimpleNamespace(
            episode_id=e.episode_id,
            track=e.track.lower(),
            by_score=e.episode_id in above,
            by_diagnosis=(e.primary_dx or "").replace(".", "").upper().startswith("F431"),
        )
        for e in w.index_episodes
        if e.level_of_care == "IOP" and e.track is not None
    ]


def placements(w: Warehouse) -> Rows:
    out = []
    for e in w.index_episodes:
        if e.recommended_level in INTENSITY:
            step = INTENSITY[e.level_of_care] - INTENSITY[e.recommended_level]
            out.append(
                SimpleNamespace(
                    episode_id=e.episode_id,
                    recommended_level=e.recommended_level,
                    received_level=e.level_of_care,
                    placement="under" if step < 0 else "over" if step > 0 else "matched",
                )
            )
    return out


def answer(contacts: Rows, field: str, start: int, day: int) -> bool | None:
    """Known of those who answered at that window: yes if any contact up to it said so."""

    def said(at: int) -> list[bool]:
        name, first, last = WINDOWS[at]
        return [
            getattr(c, field)
            for c in contacts
            if getattr(c, field) is not None
            and (c.window == name or (c.window is None and first <= c.contact_day - start <= last))
        ]

    return any(yes for at in WINDOWS if at <= day for yes in said(at)) if said(day) else None


def safety_set(w: Warehouse) -> Rows:
    out, endings = [], {row.episode_id: row for row in w.endings}
    contacts = by([f for f in w.raw_followups if f.control_outcome == ""], lambda f: f.patient_id)
    stays = by(w.episodes, lambda e: e.patient_id)
    for e in w.index_episodes:
        mine = contacts.get(e.patient_id, [])
        deaths = [
            endings[s.episode_id].last_contact_day
            for s in stays[e.patient_id]
            if endings[s.episode_id].ending == "died"
        ]
        deaths += [c.contact_day for c in mine if c.reached == "died" or c.alive is False]
        ups = [
            s.start_day for s in stays[e.patient_id] if s.level_of_care in ("RES", "IP") and s.start_day > e.start_day
        ]
        first = min((d for d in deaths if d >= e.start_day), default=None)
        for day in WINDOWS:
            ends_so = first is not None and first - e.start_day <= day and 0 <= e.observed_to_day - first <= 31
            after = [c for c in mine if c.contact_day > e.start_day]
            out.append(
                SimpleNamespace(
                    episode_id=e.episode_id,
                    at_day=day,
                    observable=(w.choice.seen_after and e.start_day + day <= e.observed_to_day) or ends_so,
                    self_harm=answer(after, "self_harm", e.start_day, day),
                    ed_visit=answer(after, "ed_visit", e.start_day, day),
                    died=any(0 <= d - e.start_day <= day for d in deaths),
                    moved_up=None if e.level_of_care in ("RES", "IP") else any(up - e.start_day <= day for up in ups),
                )
            )
    return out
