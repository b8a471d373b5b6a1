"""Codes in place of the names of staff: the same name is the same code within a study, and nobody without the study's
secret can say whose it is.

The secret lies in the study's ledger, readable by its owner alone, and goes nowhere else; a study that lost it gives
new codes, and no answer changes.  Of the people in care no name is read, not even so.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import replace
from pathlib import Path

from pipeline.errors import StudyError
from pipeline.ingest.mapping.grammar import FileMapping
from pipeline.storage.disk import private_files, write_whole
from pipeline.storage.ledger_file import LEDGER
from pipeline.storage.quoting import literal

CODE_OF = "code_of"
CODED_STAFF = ("therapist_id",)
SECRET = "staff_codes.key"
BYTES, DIGITS = 32, 12  # of the secret; of a code, in which two of 10,000 names meet once in five million studies


def with_secret(mapping: FileMapping, folder: Path) -> FileMapping:
    """The mapping, each of its lines that makes codes with the study's secret; as it is where there is none."""
    if not any(cell.how == CODE_OF for block in mapping.blocks for cell in block.cells):
        return mapping
    secret = secret_of(folder)
    blocks = tuple(
        replace(
            block, cells=tuple(replace(cell, secret=secret) if cell.how == CODE_OF else cell for cell in block.cells)
        )
        for block in mapping.blocks
    )
    return replace(mapping, blocks=blocks)


def secret_of(folder: Path) -> str:
    """The study's secret, made where there is none.  Raises StudyError where its file was cut or changed."""
    path = folder / LEDGER / SECRET
    if not path.is_file():
        with private_files():
            path.parent.mkdir(exist_ok=True)
            write_whole(path, secrets.token_hex(BYTES).encode())
        os.chmod(path, 0o600)
    secret = path.read_text(encoding="ascii", errors="replace").strip()
    if len(secret) != 2 * BYTES or set(secret) - set("0123456789abcdef"):
        raise StudyError(
            f"{LEDGER}/{SECRET} is damaged; take it from a backup, or delete it: therapists get new codes then"
        )
    return secret


def keyed_sql(text: str, secret: str) -> str:
    """SQL of a code; a name in other letters or with other blanks is the same."""
    bare = f"lower(regexp_replace({text}, '\\s+', ' ', 'g'))"
    return f"'t' || left(sha256({literal(secret)} || sha256({literal(secret)} || {bare})), {DIGITS})"
