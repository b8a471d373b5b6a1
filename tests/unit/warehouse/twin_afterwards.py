"""What the tables of what followed the start say (control outcomes, costs, satisfaction), said plainly."""

from types import SimpleNamespace

from tests.unit.warehouse.twins import Rows, Warehouse, by


def control_outcomes(w: Warehouse) -> Rows:
    out = []
    for e in w.index_episodes:
        mine = [f for f in w.raw_followups if f.patient_id == e.patient_id and f.control_outcome and f.value is not None
                and 1 <= f.contact_day - e.start_day <= 365]
        out += [SimpleNamespace(episode_id=e.episode_id, control_outcome=name, happened=int(any(f.value for f in rows)))
                for name, rows in by(mine, lambda f: f.control_outcome).items()]
    return out
