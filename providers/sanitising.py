"""What a model may answer and not every database can hold, made harmless.

PostgreSQL refuses NUL and lone surrogates, both databases refuse NaN and infinities, and very deep
nesting breaks whatever reads it later. The same value comes out for both databases.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

MAX_DEPTH = 64
MAX_INTEGER_DIGITS = 1000

_INTEGER_LIMIT = 10**MAX_INTEGER_DIGITS
_SURROGATE = re.compile("[\ud800-\udfff]")


class TooDeepError(ValueError):
    """The value is nested deeper than MAX_DEPTH."""


def clean_text(text: str) -> str:
    """Remove NUL and put U+FFFD in the place of lone surrogates."""
    return text if is_clean_text(text) else _SURROGATE.sub("\ufffd", text.replace("\x00", ""))


def is_clean_text(text: str) -> bool:
    try:
        # Several times faster than a search for surrogates.
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in text


def clean(value: Any, depth: int = 0) -> Any:
    """Copy a JSON value with only what both databases store alike.

    Numbers that JSON cannot hold, and integers beyond MAX_INTEGER_DIGITS, become None.
    Errors: TooDeepError beyond MAX_DEPTH containers.
    """
    if isinstance(value, str):
        return clean_text(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return _number(value)
    if depth >= MAX_DEPTH:
        raise TooDeepError
    if isinstance(value, Mapping):
        return {clean_text(str(key)): clean(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean(item, depth + 1) for item in value]
    return clean_text(str(value))


def _number(value: float) -> float | None:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if abs(value) < _INTEGER_LIMIT else None
