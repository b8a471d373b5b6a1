"""Small deliveries for tests: a few honest rows of every table, changed by the test in one place."""

import duckdb

from pipeline.ingest.run import ingest
from pipeline.study_toml.file import load_study

HONEST = {
    "patients": (
        """patient_id,birth_year,sex,race_ethnicity,state,zip3
        p1,1980,F,WHITE,OH,452
        p2,1990,M,BLACK,OH,036
        p3,,U,UNK,,
        p4,2001,X,MULTI,OH,441"""
    ),
    "episodes": (
        """episode_id,patient_id,program_id,level_of_care,start_date,end_date,payer,primary_dx
        e1,p1,g1,IOP,2025-01-06,2025-02-14,medicaid,F33.1
        e2,p2,g1,IOP,2025-03-03,2025-04-11,commercial,F41.1
        e3,p3,g2,OP,2025-01-15,2025-06-15,none,F43.1"""
    ),
    "sessions": (
        """session_id,patient_id,episode_id,program_id,service_date,status,minutes_scheduled,minutes_attended,cpt_hcpcs
        s1,p1,e1,g1,2025-01-06,attended,180,180,90853
        s2,p1,e1,g1,2025-01-08,attended,180,150,90853
        s3,p1,e1,g1,2025-02-14,no_show,180,0,
        s4,p2,e2,g1,2025-03-03,attended,180,180,90853
        s5,p2,e2,g1,2025-04-11,attended,180,180,90853
        s6,p3,e3,g2,2025-01-15,attended,50,50,90834
        s7,p3,e3,g2,2025-06-15,attended,50,50,90834
        s8,p4,,g2,2025-06-16,attended,50,50,90834"""
    ),
    "assessments": (
        """patient_id,instrument_id,assessed_date,score,occasion
        p1,PHQ9,2025-01-06,18,intake
        p1,PHQ9,2025-02-14,9,discharge
        p2,GAD7,2025-03-03,12,intake
        p3,K10,2025-01-15,31,intake"""
    ),
    "discharges": (
        """episode_id,discharge_date,ending
        e1,2025-02-20,completed
        e2,2025-04-20,transferred
        e3,2025-06-20,dropped_out"""
    ),
    "followups": (
        """patient_id,window,contact_date,reached,control_outcome,value,source
        p1,90d,2025-04-06,reached,flu_shot,1,survey
        p2,90d,2025-06-01,not_reached,,,survey"""
    ),
    "costs": (
        """patient_id,service_date,amount,amount_kind,currency,price_year,perspective
        p1,2025-01-06,350,paid,USD,2025,payer
        p2,2025-03-03,350,paid,USD,2025,payer"""
    ),
    "programs": (
        """program_id,level_of_care,site
        g1,IOP,north
        g2,OP,south"""
    ),
    "providers": (
        """therapist_id,credential
        t1,LCSW
        t2,PSYD"""
    ),
}


def csv(drawn):
    """A drawn CSV as a file's text: the margin goes, the rows stay."""
    return "".join(line.strip(" ") + "\n" for line in drawn.strip().splitlines())


def delivery(folder, toml="", *, only=None, without=(), **changed):
    """A study folder with honest files; `changed` gives a table another content (text or bytes), `only` names the
    tables to send."""
    raw = folder / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    (folder / "study.toml").write_text(toml or '[study]\nname = "test"\n', encoding="utf-8")
    for table, drawn in {**{name: HONEST[name] for name in (HONEST if only is None else only)}, **changed}.items():
        if table in without:
            continue
        content = drawn if isinstance(drawn, bytes) else csv(drawn).encode()
        (raw / f"{table}.csv").write_bytes(content)
    return load_study(folder)


def ingested(study, **how):
    """A connection that holds the study's staging, and the report."""
    con = duckdb.connect(config={"threads": 1})  # a few rows: starting threads would take longer than reading them
    con.execute("PRAGMA disable_optimizer")  # and planning longer than running
    return con, ingest(study, con, **how)


def rows(con, query):
    return con.execute(query).fetchall()


def rules_of(report):
    """(table, rule) -> how many rows break it."""
    return {(breach.table, breach.rule): breach.count for breach in report.breaches}


def counts(report):
    """table -> (read, kept, quarantined, duplicates, forgotten) over its files."""
    found = {}
    for file in report.files:
        now = (file.read, file.kept, file.quarantined, file.duplicates, file.forgotten)
        found[file.table] = tuple(map(sum, zip(found.get(file.table, (0,) * 5), now, strict=True)))
    return found
