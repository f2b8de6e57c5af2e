"""Find web addresses."""

from __future__ import annotations

import re

from quality.content.clues import awaited
from quality.content.subject import Hit, Subject

LONGEST_SHOWN = 100
# Letters of scripts without spaces belong to an address only where one of its parts begins: in
# Chinese, the sentence goes on right behind it.
URL = re.compile(
    r"(?:https?://|ftp://|(?<!\w)www\.)[a-z0-9]"
    r"(?:[^\s\x00<>\"'\u2010-\u205f\u2e80-\U0010ffff]|(?<=[/=#_-])[\u3040-\u9fff]+){2,2000}",
    re.ASCII,
)
_CLUES = awaited("://", "www.")
ENDINGS = ".,;:!?)]}"
OPENINGS = {")": "(", "]": "[", "}": "{"}


def find(subject: Subject) -> list[Hit]:
    if not subject.has_any(_CLUES):
        return []
    return [
        Hit("url", match.start(), match.start() + len(address), "[link]", address[:LONGEST_SHOWN])
        for match in URL.finditer(subject.folded)
        if (address := without_ending(match[0]))
    ]


def without_ending(address: str) -> str:
    """Leave the sentence its signs; a bracket that the address itself opens belongs to it."""
    while address and address[-1] in ENDINGS:
        opening = OPENINGS.get(address[-1])
        if opening and address.count(opening) >= address.count(address[-1]):
            break
        address = address[:-1]
    return address
