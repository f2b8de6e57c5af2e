"""What differs between two contents: line by line, or word by word."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping
from typing import Any

from rapidfuzz.distance import Indel

from quality.normalise import CJK

CONTEXT_LINES = 2
MOST_PIECES = 5000  # of a side; longer contents are compared line by line
PIECE = re.compile(rf"[{CJK}]|[^\W{CJK}]+|\s+|[^\w\s]")
KINDS = {"+": "added", "-": "removed", "@": "place"}


def difference(before: Any, after: Any) -> list[tuple[str, str]]:
    """Compare two contents, as pairs of a kind (added, removed, place, same) and a line."""
    lines = list(
        difflib.unified_diff(written(before), written(after), lineterm="", n=CONTEXT_LINES)
    )
    # The first two name the files that there are none of.
    return [(KINDS.get(line[:1], "same"), line) for line in lines[2:]]


def wording(before: Any, after: Any) -> list[tuple[str, str]]:
    """Compare two contents, as pairs of a kind (added, removed, same) and a stretch of text."""
    ours, theirs = "\n".join(written(before)), "\n".join(written(after))
    pieces = [PIECE.findall(ours), PIECE.findall(theirs)]
    if max(map(len, pieces)) > MOST_PIECES:
        pieces = [ours.splitlines(keepends=True), theirs.splitlines(keepends=True)]
    found: list[tuple[str, str]] = []
    ours_at = theirs_at = 0
    for block in Indel.opcodes(*pieces).as_matching_blocks():
        found.append(("removed", "".join(pieces[0][ours_at : block.a])))
        found.append(("added", "".join(pieces[1][theirs_at : block.b])))
        ours_at, theirs_at = block.a + block.size, block.b + block.size
        found.append(("same", "".join(pieces[0][block.a : ours_at])))
    return [(kind, text) for kind, text in found if text]


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
