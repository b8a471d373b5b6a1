"""The append-only ledger of a study: protocol freezes with their amendments, and who ran what when."""

import getpass
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.store import RESULTS, code_fingerprint, private_files
from pipeline.study import Study

PROTOCOL = "protocol.jsonl"
AUDIT = "audit.jsonl"


def now() -> str:
    """This moment, UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def append(study: Study, name: str, entry: dict[str, Any]) -> None:
    """Adds one line to a ledger file that only its owner can read; nothing is ever rewritten."""
    folder = study.folder / "ledger"
    with private_files():
        folder.mkdir(exist_ok=True)
        with open(folder / name, "a", encoding="utf-8") as handle:
            handle.write(json.dumps(entry, sort_keys=True) + "\n")


def entries(study: Study, name: str) -> list[dict[str, Any]]:
    """The lines of a ledger file, oldest first; none where it was never written."""
    path: Path = study.folder / "ledger" / name
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def protocol_hash(study: Study) -> str:
    """Hash of every choice in study.toml, defaults included."""
    return hashlib.sha256(study.as_json().encode()).hexdigest()


def freeze(study: Study) -> dict[str, Any]:
    """Records the protocol; a later, different one is an amendment that lists what changed."""
    earlier = entries(study, PROTOCOL)
    entry: dict[str, Any] = {
        "when": now(),
        "hash": protocol_hash(study),
        "protocol": json.loads(study.as_json()),
        "outcomes_already_read": outcomes_read(study),
    }
    if earlier and earlier[-1]["hash"] == entry["hash"]:
        return entry | {"sentence": f"unchanged since it was frozen on {earlier[-1]['when'][:10]}; nothing was added"}
    entry["changed"] = changes(earlier[-1]["protocol"], entry["protocol"]) if earlier else []
    append(study, PROTOCOL, entry)
    if earlier:
        return entry | {"sentence": f"amendment {len(earlier)} recorded: {', '.join(entry['changed'])}"}
    late = "; results existed already, and pages will say so" if entry["outcomes_already_read"] else ""
    return entry | {"sentence": f"protocol frozen as {entry['hash'][:12]}{late}"}


def outcomes_read(study: Study) -> bool:
    """Whether anybody could have seen outcomes: results exist, or the ledger tells of a run that made some."""
    return (study.folder / RESULTS).exists() or any(
        one["command"] in ("run", "analyze") for one in entries(study, AUDIT)
    )


def changes(before: Any, after: Any, where: str = "") -> list[str]:
    """Names of the choices that differ between two protocols."""
    if isinstance(before, dict) and isinstance(after, dict):
        keys = sorted(before.keys() | after.keys())
        return [name for key in keys for name in changes(before.get(key), after.get(key), f"{where}.{key}".lstrip("."))]
    return [] if before == after else [where]


def protocol_state(study: Study) -> dict[str, Any]:
    """What pages say of the protocol: when it was frozen, whether it still stands, how many amendments there are."""
    frozen = entries(study, PROTOCOL)
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
    append(
        study,
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
