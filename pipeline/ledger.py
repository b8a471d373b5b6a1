"""The append-only ledger of a study: protocol freezes with their amendments, and who ran what when."""

import getpass
import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from pipeline.storage import ledger_file
from pipeline.storage.ledger_file import AUDIT, PROTOCOL
from pipeline.store import RESULTS, code_fingerprint
from pipeline.study import Study


def now() -> str:
    """This moment, UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def entries(study: Study, name: str) -> list[dict[str, Any]]:
    """The lines of a ledger file, oldest first; none where it was never written.  Raises LedgerError with the line."""
    return ledger_file.entries(study.folder, name)


def append(study: Study, name: str, entry: dict[str, Any]) -> None:
    """Adds one line to a ledger file, for good.  Raises LedgerError and DiskError as ledger_file does."""
    ledger_file.append(study.folder, name, entry)


def protocols(study: Study) -> list[dict[str, Any]]:
    """The protocols that were frozen, oldest first.  Raises LedgerError for a line that is none."""
    path = study.folder / ledger_file.LEDGER / PROTOCOL
    frozen = ledger_file.numbered(study.folder, PROTOCOL)
    for number, entry in frozen:
        for name, kind in (("when", str), ("hash", str), ("protocol", dict), ("outcomes_already_read", bool)):
            ledger_file.field(path, number, entry, name, kind)
    return [entry for _, entry in frozen]


def check_ledger(study: Study) -> None:
    """Reads every file of the ledger.  Raises LedgerError for the first line that is not as it was written."""
    protocols(study)
    entries(study, AUDIT)


def protocol_hash(study: Study) -> str:
    """Hash of every choice in study.toml, defaults included."""
    return hashlib.sha256(study.as_json().encode()).hexdigest()


def freeze(study: Study) -> dict[str, Any]:
    """Records the protocol; a later, different one is an amendment that lists what changed."""
    earlier = protocols(study)
    entry: dict[str, Any] = {
        "when": now(),
        "hash": protocol_hash(study),
        "protocol": json.loads(study.as_json()),
        "outcomes_already_read": outcomes_read(study),
    }
    if earlier and earlier[-1]["hash"] == entry["hash"]:
        return entry | {"sentence": f"unchanged since it was frozen on {earlier[-1]['when'][:10]}; nothing was added"}
    if behind(study):
        entry["clock_behind"] = behind(study)
    entry["changed"] = changes(earlier[-1]["protocol"], entry["protocol"]) if earlier else []
    ledger_file.append(study.folder, PROTOCOL, entry)
    if earlier:
        return entry | {"sentence": f"amendment {len(earlier)} recorded: {', '.join(entry['changed'])}"}
    late = "; results existed already, and pages will say so" if entry["outcomes_already_read"] else ""
    return entry | {"sentence": f"protocol frozen as {entry['hash'][:12]}{late}"}


def behind(study: Study) -> str:
    """When the ledger's youngest line was written, where this computer's clock says that this has not come yet; else
    ''."""
    written = [str(one.get("when", "")) for name in (PROTOCOL, AUDIT) for one in entries(study, name)]
    youngest = max(written, default="")
    return youngest if youngest > now() else ""


def clock_words(study: Study) -> str:
    """What is said where this computer's clock or the ledger must be wrong; '' where both may be right."""
    later = behind(study)
    if not later:
        return ""
    return (
        f"this computer's clock says {now()}, but the ledger's youngest line was written at {later}: one of the two is "
        "wrong. Set the clock right; the order of the ledger's lines holds, whatever their dates"
    )


def outcomes_read(study: Study) -> bool:
    """Whether anybody could have seen outcomes: results exist, or the ledger tells of a run that made some."""
    return (study.folder / RESULTS).exists() or any(
        one.get("command") in ("run", "analyze") for one in entries(study, AUDIT)
    )


def changes(before: Any, after: Any, where: str = "") -> list[str]:
    """Names of the choices that differ between two protocols."""
    if isinstance(before, dict) and isinstance(after, dict):
        keys = sorted(before.keys() | after.keys())
        return [name for key in keys for name in changes(before.get(key), after.get(key), f"{where}.{key}".lstrip("."))]
    return [] if before == after else [where]


def protocol_state(study: Study) -> dict[str, Any]:
    """What pages say of the protocol: when it was frozen, whether it still stands, how many amendments there are."""
    frozen = protocols(study)
    if not frozen:
        return {"frozen": "", "amendments": 0, "as_frozen": False, "before_outcomes": False}
    return {
        "frozen": frozen[0]["when"][:10],
        "amendments": len(frozen) - 1,
        "as_frozen": frozen[-1]["hash"] == protocol_hash(study),
        "before_outcomes": not any(one["outcomes_already_read"] for one in frozen),
    }


def audit(study: Study, command: str, **more: str | int) -> None:
    """Notes who ran what, when, on which protocol, code and inputs; never a value from a record."""
    ledger_file.append(
        study.folder,
        AUDIT,
        {
            "when": now(),
            "who": user(),
            "command": command,
            "protocol": protocol_hash(study)[:16],
            "code": code_fingerprint("")[:16],
        }
        | more,
    )


def user() -> str:
    """The account this runs under; 'unknown' where the system keeps none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
