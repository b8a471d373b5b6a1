"""Small programs for preflight: some people start IOP and some residential care at two sites, one after the other."""

from datetime import date, timedelta

from tests.unit.ingest.deliveries import delivery

FIRST = date(2025, 1, 6)


def program(folder, *, iop=40, residential=40, outpatient=0, scored=40, later=40, functioning=40, last=200):
    """A study folder: so many people per arm, so many of each with a PHQ-9 at the start and at day 90, and with their
    functioning recorded; `last` is the day of the last session of all."""
    people, sessions, scores = ["patient_id,sex,age_at_index"], [], []
    for arm, count in (("IOP", iop), ("RES", residential), ("OP", outpatient)):
        for number in range(count):
            who, start = f"{arm.lower()}{number}", FIRST + timedelta(days=70 + number)
            people.append(f"{who},F,40")
            status = "bed_day" if arm == "RES" else "attended"
            sessions += [f"{who}-{day},{who},g-{arm},{arm},{start + timedelta(days=day)},{status}" for day in (0, 1)]
            scores += [f"{who},PHQ9,{start},15"] * (number < scored)
            scores += [f"{who},PHQ9,{start + timedelta(days=90)},9"] * (number < later)
            scores += [f"{who},WSAS,{start},20"] * (number < functioning)
    people += ["late,F,40", "early,F,40"]
    sessions.append(f"late-0,late,g-IOP,ED,{FIRST + timedelta(days=last)},attended")
    sessions.append(f"early-0,early,g-IOP,ED,{FIRST},attended")
    return delivery(
        folder,
        only=(),
        patients="\n".join(people),
        sessions="\n".join(["session_id,patient_id,program_id,level_of_care,service_date,status", *sessions]),
        assessments="\n".join(["patient_id,instrument_id,assessed_date,score", *scores]),
        programs="program_id,level_of_care,site\ng-IOP,IOP,north\ng-RES,RES,north\ng-OP,OP,north",
    )
