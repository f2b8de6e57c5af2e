"""One form for texts that differ only in looks: width, case and white space."""

from __future__ import annotations

import json
import unicodedata
from typing import Any


def normalise(text: str) -> str:
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return " ".join(text.casefold().split())


def canonical(content: Any) -> str:
    """Return a record's content as JSON with normalised texts and its names in order."""
    return json.dumps(
        normalised(content), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )


def normalised(value: Any) -> Any:
    if isinstance(value, str):
        return normalise(value)
    if isinstance(value, dict):
        return {name: normalised(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [normalised(inner) for inner in value]
    return value
