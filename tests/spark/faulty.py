"""A small delivery with a fault of every kind that stops no run: what the door has to tell, in files of several shapes."""

import gzip

import duckdb

from tests.unit.ingest.deliveries import HONEST, csv, delivery

PATIENTS = """
    patient_id,birth_year,sex,race_ethnicity,state,zip3,desk
    p1,1980,F,WHITE,OH,452,D
    p2,1990,M,BLACK,OH,036,
    p3,,U,UNK,,,
    p4,2001,X,MULTI,OH,441,
    p5,1850,F,WHITE,oh,059,
     p6 ,19x5,man,NA,OH,12,C
    ,1970,F,WHITE,OH,452,
    p7,1975,F,WHITE,OH,452,
    p7,1976,F,WHITE,OH,452,"""
EARLIER = """
    session_id;patient_id;episode_id;program_id;service_date;status;minutes_scheduled;minutes_attended;cpt_hcpcs
    t1;p1;e1;g1;2025-01-07;attended;180;300;h0015 GT
    t2;p1;e1;g1;2025-01-09 10:30;no_show;1.8e2;20;90853.0
    t2;p1;e1;g1;2025-01-09 10:30;no_show;1.8e2;20;90853.0
    t3;p9;e1;g1;2025/1/10;attended;180;180;90853
    t4;p7;e1;g1;2025-01-10;attended;180;180;90853
    t5;p2;e9;g9;2026-13-01;came;;;
    t6;p2;e2;"g1
    and more";2025-03-05;attended;lots;180;90853
    t7;p2;e2;g1;1925-03-05;attended;180;-9;90853
    t8;p2;e2;g1;;attended;9999;180;N/A
    t9;p2;e2;g1;2025-03-07;bed_day;;;90853
    Total;;;;;;;;
    t10;p5;;g2;2025-03-09;attended;;50;xyz"""
ASSESSMENTS = """
    patient_id,instrument_id,assessed_date,score,occasion,n_items_answered,item_9
    p1,PHQ9,2025-01-06,18,intake,9,0
    p1,PHQ9,2025-02-14,9,discharge,9,1
    p1,phq-9,2025-02-14,8,discharge,9,1
    p1,PHQ9,2025-02-20,99,other,9,1
    p1,PHQ9,2025-02-21,9,other,5,7
    p2,GAD-7,2025-03-02,11,discharge,7,
    p2,GAD7,2025-03-03,12,intake,7,
    p2,MOOD,2025-03-02,11,other,,
    p2,GAD7,2025-03-09,,other,,"""
STAFF = """
    code,degree
    t1,LCSW
    ,PSYD"""
EPISODES = (
    HONEST["episodes"]
    + """
    e4,p4,g2,OP,2025-06-16,2025-06-01,none,f43.10 words
    e5,p4,g2,op,2031-06-16,,none,309.81"""
)


FEW = """
    session_id;patient_id;episode_id;program_id;service_date;status;minutes_scheduled;minutes_attended;cpt_hcpcs
    t2;p1;e1;g1;2025-01-09 10:30;no_show;1.8e2;20;90853.0
    t2;p1;e1;g1;2025-01-09 10:30;no_show;1.8e2;20;90853.0
    t3;p9;e1;g1;2025/1/10;attended;180;180;90853
    t6;p2;e2;"g1
    and more";2025-03-05;attended;lots;180;h0015 GT"""
FAULTY = {"patients": PATIENTS, "episodes": EPISODES, "assessments": ASSESSMENTS, "sessions": HONEST["sessions"]}


def faulty(folder, *tables):
    """The study, or some of its tables with fewer faults; its sessions come in three files, one of them zipped, its
    programs as Parquet, its staff through a mapping."""
    sent = {table: FAULTY[table] for table in tables or FAULTY}
    study = delivery(folder, only=(), staff=STAFF, **sent)
    (folder / "mapping.toml").write_text('[providers.staff]\ntherapist_id = "code"\ncredential = "degree"\n')
    (study.raw_folder / "sessions_2.csv").write_text(csv(FEW if tables else EARLIER), encoding="utf-8")
    later = csv(HONEST["sessions"]).replace("\ns", "\nu")
    (study.raw_folder / "sessions_3.csv.gz").write_bytes(gzip.compress(later.encode()))
    with duckdb.connect() as con:
        con.execute(
            "COPY (SELECT * FROM (VALUES ('g1', 'IOP', 'north'), ('g2', 'OP', 'North'), ('g3', NULL, 'a b')) AS"
            f" p(program_id, level_of_care, site)) TO '{study.raw_folder / 'programs.parquet'}'"
        )
    return study
