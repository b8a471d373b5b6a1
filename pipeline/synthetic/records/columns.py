"""Columns of an export: codes as their texts, whole numbers with gaps, and the people whom a row belongs to."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

PERSON = "person"  # position of the person in the draw; leaves each table before it is written


def coded(code: np.ndarray, words: Sequence[str] | np.ndarray) -> pd.Categorical:
    """Words by position; -1 is missing.  An empty word is missing too."""
    code = np.asarray(code, dtype=np.int64)
    words = np.asarray(words, dtype=object)
    distinct, position = np.unique(words.astype(str), return_inverse=True)
    known = np.where(code >= 0, position[np.maximum(code, 0)], -1)
    if distinct[0] == "":
        distinct, known = distinct[1:], np.where(code >= 0, known - 1, -1)
    return pd.Categorical.from_codes(known, distinct.astype(object))


def listed(code: np.ndarray, words: np.ndarray) -> pd.Categorical:
    """As coded, for many distinct words in a known order: no sorting."""
    return pd.Categorical.from_codes(np.asarray(code, dtype=np.int64), words)


def whole(value: np.ndarray, missing: np.ndarray | None = None) -> pd.arrays.IntegerArray:
    """Whole numbers, some of them missing."""
    value = np.asarray(value).astype(np.int64)
    return pd.arrays.IntegerArray(
        value, np.zeros(value.size, dtype=bool) if missing is None else np.asarray(missing, dtype=bool)
    )


def flags(value: np.ndarray, missing: np.ndarray | None = None) -> pd.Categorical:
    """true and false as text, some of them missing."""
    code = np.asarray(value).astype(np.int64)
    return pd.Categorical.from_codes(code if missing is None else np.where(missing, -1, code), ["false", "true"])
