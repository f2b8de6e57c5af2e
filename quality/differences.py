"""What changed between two contents, line by line."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from typing import Any

CONTEXT_LINES = 2
KINDS = {"+": "added", "-": "removed", "@": "place"}


def difference(before: Any, after: Any) -> list[tuple[str, str]]:
    """Compare two contents, as pairs of a kind (added, removed, place, same) and a line."""
    lines = list(
        difflib.unified_diff(written(before), written(after), lineterm="", n=CONTEXT_LINES)
    )
    # The first two name the files that there are none of.
    return [(KINDS.get(line[:1], "same"), line) for line in lines[2:]]


def written(content: Any) -> list[str]:
    """Write a content as lines: each field under its name, texts as they are."""
    if content is None:
        return []
    if not isinstance(content, Mapping):
        return plain(content).splitlines()
    lines: list[str] = []
    for name, value in content.items():
        lines += [f"## {name}", *plain(value).splitlines()]
    return lines


def plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
