"""What is asked: every outcome of every declared pair of arms, and how sure an answer must be to carry a verdict."""

from dataclasses import dataclass

from pipeline.measures.library import instruments
from pipeline.study import Outcome, Study, tracks_are_primary

# Questions beyond the contrasts whose one headline answer carries a verdict word: they share the confirmatory error
# with them.
HEADLINES = ("C3", "C6", "C7", "C10", "C13")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One contrast on one outcome: who is compared on what.

    kind   score: mean improvement in points · share: a yes-or-no outcome
    harm   True where the event is something nobody wants, so that fewer is better
    """

    code: str
    name: str
    day: int
    kind: str
    unit: str
    margin: float | None
    harm: bool
    source: Outcome | None
    column: str
    role: str  # primary · confirmatory · exploratory


def endpoints(study: Study) -> list[Endpoint]:
    """The outcomes every contrast is asked about, scores first."""
    asked = []
    for outcome in study.outcomes:
        margin = outcome.margin if outcome.margin > 0 and outcome.comparator_effect > 0 else None
        asked.append(
            Endpoint("C2", outcome.name, outcome.day, "score", "points", margin, False, outcome, "improvement", "")
        )
        asked.append(
            Endpoint(
                "C2",
                f"reliable_{outcome.name}",
                outcome.day,
                "share",
                "share",
                None,
                False,
                outcome,
                "reliably_improved",
                "",
            )
        )
    last = max(study.retention.days)
    asked.append(Endpoint("C4", f"dropped_out_day{last}", last, "share", "share", None, True, None, "dropped_out", ""))
    asked.append(Endpoint("C4", f"retained_day{last}", last, "share", "share", None, False, None, "retained", ""))
    return asked


@dataclass(frozen=True, slots=True)
class Contrast:
    """One question about two arms, and the level of confidence its verdict needs."""

    question: Endpoint
    arm: str
    reference: str
    role: str
    level: float

    @property
    def arms(self) -> tuple[str, str]:
        """Reference first: the code of an arm is its place."""
        return (self.reference, self.arm)


def contrasts(study: Study) -> list[Contrast]:
    """Every question of every declared pair.  One primary contrast; the same outcome for the other pairs and dropout
    for all are confirmatory, their limits widened together (Bonferroni); everything else is exploratory and carries no
    verdict word.
    """
    levels = {"primary": 0.95, "confirmatory": confirmatory_level(study), "exploratory": 0.95}
    return [
        Contrast(
            question,
            arm,
            reference,
            role(study, question, arm, reference),
            levels[role(study, question, arm, reference)],
        )
        for question, arm, reference in pairs(study)
    ]


def pairs(study: Study) -> list[tuple[Endpoint, str, str]]:
    """Every question with every declared arm and reference."""
    return [
        (question, arm, reference) for question in endpoints(study) for arm, reference in study.comparison.contrasts
    ]


def role(study: Study, question: Endpoint, arm: str, reference: str) -> str:
    """primary, confirmatory (a verdict word at widened limits) or exploratory (none)."""
    primary = tuple(study.comparison.primary)
    if (arm, reference, question.name) == primary:
        return "primary"
    same_outcome = bool(primary) and question.name == primary[2]
    return "confirmatory" if same_outcome or question.name.startswith("dropped_out") else "exploratory"


def confirmatory_level(study: Study) -> float:
    """Confidence of each confirmatory answer, so that all of them together are wrong in at most 5 in 100
    (Bonferroni)."""
    family = (
        sum(role(study, *one) == "confirmatory" for one in pairs(study)) + len(HEADLINES) - tracks_are_primary(study)
    )
    return 1 - 0.05 / family


def raw_sign(question: Endpoint) -> float:
    """-1 where the scale's own number falls as people improve."""
    falls = question.source is not None and instruments()[question.source.instrument]["higher_is"] == "worse"
    return -1.0 if question.kind == "score" and falls else 1.0
