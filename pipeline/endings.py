"""How care ends, declared once: the codes of discharges, the groups that compete in curves, and the words of pages."""

from dataclasses import dataclass

DROPPED_OUT = "dropped out"  # left before the program wanted them to, whether or not against advice
OTHER = "other or unknown"
IN_CARE = "in_care"  # the state of an episode that has not ended


@dataclass(frozen=True, slots=True, kw_only=True)
class EndingGroup:
    """Endings told as one: each competes with the others, and with still being in care.

    words      under a curve of endings
    pathway    at the end of a pathway; deaths are few and stand there with the rest
    sensitive  0 or 100 % of an arm tells something of everybody in it
    """

    name: str
    words: str
    pathway: str
    sensitive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """One code of the discharges table.

    planned  what it says of the plan where the record itself does not; None: nothing
    """

    code: str
    group: str
    planned: bool | None = None


GROUPS = (
    EndingGroup(name="completed", words="Completed", pathway="Completed"),
    EndingGroup(name="transferred", words="Moved to other care", pathway="Moved to other care"),
    EndingGroup(name=DROPPED_OUT, words="Left early", pathway="Left early", sensitive=True),
    EndingGroup(name="ended by program", words="Ended by program", pathway="Ended by the program", sensitive=True),
    EndingGroup(name="died", words="Died", pathway="Ended for another reason", sensitive=True),
    EndingGroup(name=OTHER, words="Other or unknown", pathway="Ended for another reason"),
)
ENDINGS = (
    Ending(code="completed", group="completed", planned=True),
    Ending(code="transferred", group="transferred", planned=True),
    Ending(code="dropped_out", group=DROPPED_OUT, planned=False),
    Ending(code="ama", group=DROPPED_OUT, planned=False),
    Ending(code="terminated", group="ended by program", planned=False),
    Ending(code="incarcerated", group=OTHER, planned=False),
    Ending(code="died", group="died"),
    Ending(code="moved_or_payer", group=OTHER),
    Ending(code="other", group=OTHER),
    Ending(code="unknown", group=OTHER),
)

CODES = tuple(ending.code for ending in ENDINGS)
GROUP_NAMES = tuple(group.name for group in GROUPS)
GROUP_OF = {ending.code: ending.group for ending in ENDINGS}
CAUSE_OF = {IN_CARE: 0} | {code: GROUP_NAMES.index(group) + 1 for code, group in GROUP_OF.items()}  # 0: not ended
DROPPED_OUT_CODES = tuple(code for code, group in GROUP_OF.items() if group == DROPPED_OUT)
# A group is spelled with spaces as a state of a curve and with underscores as a measure.
SENSITIVE = tuple(
    spelled for group in GROUPS if group.sensitive for spelled in (group.name, group.name.replace(" ", "_"))
)


def pathway_of(code: str) -> str:
    """What stands at the end of a pathway for this ending; an episode that only its records call open has ended too."""
    return {group.name: group.pathway for group in GROUPS}[GROUP_OF.get(code, OTHER)]
