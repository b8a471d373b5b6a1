"""Writes files whole or not at all."""

import os
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Writes beside the file and moves into its place, so that a reader sees the old one or the new one."""
    beside = path.with_name(f".{path.name}.building")
    try:
        beside.write_bytes(content)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
