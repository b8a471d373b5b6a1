"""What reporting guidelines ask for, in our own short words, and where the research page answers it; and the papers
behind the methods."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Item:
    """One thing a guideline asks for, and the answer; words in braces are filled in from the study."""

    guideline: str
    asks: str
    answer: str


NOT_DONE = "Not done: "
TARGET, STROBE, RECORD, ROBINS = "TARGET", "STROBE", "RECORD", "ROBINS-I"
ITEMS = (
    Item(TARGET, "Title and abstract name the emulation", NOT_DONE + "this is a report, not a paper; say it in yours."),
    Item(TARGET, "Causal question and why a trial is emulated", "“The question as a trial”, first row."),
    Item(
        TARGET,
        "Eligibility, of the trial and of its emulation",
        "“The question as a trial”; counts under “Who is in the comparisons”.",
    ),
    Item(TARGET, "Strategies", "“The question as a trial”."),
    Item(
        TARGET,
        "Assignment and what stands in for it",
        "“The question as a trial”; confounders, recorded and not, under “What is assumed”.",
    ),
    Item(TARGET, "Time zero and follow-up", "“The question as a trial”: all is fixed at the first attended service."),
    Item(TARGET, "Outcomes", "“The question as a trial”."),
    Item(
        TARGET,
        "Causal contrast and assumptions",
        "“The question as a trial”, row Contrast; “What is assumed”; how far it may fail: “What would"
        " overturn an answer”.",
    ),
    Item(TARGET, "Analysis, as planned and as done", "Methods paragraph; {frozen}."),
    Item(TARGET, "Flow of people", "“Who is in the comparisons”."),
    Item(TARGET, "Start values by group, and what weighting did to them", "Table 1; “Balance and overlap”."),
    Item(TARGET, "Missing data", "“Missing outcomes, by group”; recorded shares under “Checks”."),
    Item(TARGET, "Effects with their uncertainty", "“Every comparison, every way it was made”."),
    Item(TARGET, "Other analyses", "The same section; “Does the answer differ between people, or sites?”."),
    Item(
        TARGET,
        "Interpretation and limits",
        "The director page and the claims page; interpretation for a paper is yours.",
    ),
    Item(
        TARGET,
        "Funding, interests, access to data and code",
        NOT_DONE + "add them; hashes of data and code are at the foot of the page.",
    ),
    Item(STROBE, "1 Title and abstract", NOT_DONE + "write them for your paper."),
    Item(STROBE, "2 Background", NOT_DONE + "write it for your paper."),
    Item(STROBE, "3 Objectives", "“The question as a trial”."),
    Item(STROBE, "4 Design", "Methods paragraph."),
    Item(
        STROBE,
        "5 Setting, places, dates",
        "Head of the page: sites, period, end of the data. Say in words which programs they are.",
    ),
    Item(STROBE, "6 Participants", "“The question as a trial”; “Who is in the comparisons”."),
    Item(
        STROBE,
        "7 Variables",
        "“The question as a trial”; confounders under “What is assumed”; the data dictionary of the project.",
    ),
    Item(STROBE, "8 Sources and measurement", "The data-quality page; instruments are named in Table 1."),
    Item(STROBE, "9 Bias", "“Checks”, “What would overturn an answer”, and the claims page: what could still fool us."),
    Item(STROBE, "10 Study size", "Everybody on record; “Could have shown” says what that size can show."),
    Item(
        STROBE,
        "11 Numbers and how they are grouped",
        "Table 1: numbers stay numbers; suicide risk is grouped as clinicians act on it.",
    ),
    Item(STROBE, "12 Statistical methods", "Methods paragraph."),
    Item(STROBE, "13 Numbers at each step", "“Who is in the comparisons”."),
    Item(STROBE, "14 Descriptive data", "Table 1; “Missing outcomes, by group”."),
    Item(STROBE, "15 Outcome data", "Scorecard and curves on the director page; numbers in the tables."),
    Item(STROBE, "16 Main results, unadjusted beside adjusted", "“Every comparison, every way it was made”."),
    Item(STROBE, "17 Other analyses", "The same section, the lines below each answer; “All else that was asked”."),
    Item(STROBE, "18 Key results", "The four sentences of the director page."),
    Item(STROBE, "19 Limits", "“How far to trust this” on the director page; the claims page."),
    Item(STROBE, "20 Interpretation", "Verdict words only, tied to ranges; interpretation for a paper is yours."),
    Item(
        STROBE,
        "21 Whom it holds for",
        "Target population in Table 1 (weighted columns); “these sites only” where sites are few.",
    ),
    Item(STROBE, "22 Funding", NOT_DONE + "add it."),
    Item(
        RECORD,
        "1.1–1.3 Kind of data, place, time and linkage named",
        "Head of the page and methods paragraph; linkage: none is made here.",
    ),
    Item(
        RECORD,
        "6.1 How people were selected, with code lists",
        "Level of care by the project's table of codes; steps under “Who is in the comparisons”.",
    ),
    Item(
        RECORD,
        "6.2 Validation of the codes",
        NOT_DONE
        + "no chart was reviewed; disagreement of derived and exported levels is counted on the data-quality page where"
        " both exist.",
    ),
    Item(RECORD, "6.3 Flow of linkage", "Does not apply: files come linked by the program's own tokens."),
    Item(RECORD, "7.1 Codes of exposure, outcome, confounders", "The project's code tables and data dictionary."),
    Item(RECORD, "12.1 Access to the source", NOT_DONE + "say how far you could see into the source system."),
    Item(RECORD, "12.2 Cleaning", "The data-quality page: every rule and what it set aside."),
    Item(RECORD, "12.3 Quality of linkage", "Does not apply."),
    Item(RECORD, "13.1 Selection at each step", "“Who is in the comparisons”."),
    Item(
        RECORD, "19.1 Data not collected for research", "What could still fool us, claim by claim, on the claims page."
    ),
    Item(RECORD, "22.1 Where protocol, data and code are", "Hashes at the foot of the page; {frozen}."),
    Item(
        ROBINS,
        "Confounding",
        "“What is assumed”: adjusted for, and in no record; {controls}; E-values beside the strongest measured factor.",
    ),
    Item(
        ROBINS,
        "Prevalent users and immortal time",
        "New starts only; time zero, level and start values on one day; nobody is chosen by what came later.",
    ),
    Item(
        ROBINS,
        "Classification of the level",
        "Fixed on day 0 from records made before the outcome; by scheduled, not attended, hours.",
    ),
    Item(ROBINS, "Selection into the analysis", "Not by completing, not by having a score, not by length of stay."),
    Item(
        ROBINS,
        "Missing data",
        "Weighted for being measured; shifted and filled in as sensitivity; verdicts that the unmeasured could overturn"
        " say so.",
    ),
    Item(
        ROBINS,
        "Measurement of the outcome",
        "Self-report by people who know where they were treated: cannot be ruled out as a source of bias.",
    ),
    Item(
        "ICH E9(R1)",
        "Estimand: people, strategies, outcome, what happens in between, summary",
        "“The question as a trial”, row Contrast: moving on, leaving and dying belong to the strategy.",
    ),
    Item(
        "CONSERVE",
        "Changes forced by circumstances",
        NOT_DONE + "say what changed, such as a move to video, and when; the foot of the page counts amendments.",
    ),
    Item("CHEERS", "Perspective, price year and kind of amount", "The claims page, C7."),
    Item(
        "PCORI",
        "Reliable change: size, reliability, source; ceiling; how often each level measures",
        "“How change is judged”; the claims page, C12.",
    ),
    Item(
        "42 CFR Part 2",
        "Privacy: small cells, regime, the rule under which records were used",
        "Small counts are hidden in tables, figures and notebooks; the regime stands at the foot of the page. "
        + "Say under which rule the records were used: those of treatment for substance use have their own.",
    ),
    Item(
        "PCORI",
        "Reasons why scores are missing",
        NOT_DONE + "how many are missing stands under “Missing outcomes, by group”; why, records seldom say.",
    ),
    Item(ROBINS, "Selection of the reported result", "Every comparison is on this page; one primary; {frozen}."),
)


@cache
def papers() -> tuple[str, ...]:
    """The papers behind the methods, each as a reference list writes it; a test holds them to the estimators'
    docstrings."""
    with open(Path(__file__).with_name("references.csv"), encoding="utf-8", newline="") as file:
        return tuple("{authors}. {title}. {published} {year}.".format(**row) for row in csv.DictReader(file))
