"""Find web addresses."""

from __future__ import annotations

import re

from quality.content.subject import Hit, Subject

LONGEST_SHOWN = 100
URL = re.compile(
    r"(?:https?://|ftp://|www\.)[a-z0-9][^\s\x00<>\"'，。；）】」』]{2,2000}", re.ASCII
)
ENDINGS = ".,;:!?)]}"


def find(subject: Subject) -> list[Hit]:
    text = subject.folded
    if "://" not in text and "www." not in text:
        return []
    return [
        Hit("url", match.start(), match.start() + len(address), "[link]", address[:LONGEST_SHOWN])
        for match in URL.finditer(text)
        if (address := match[0].rstrip(ENDINGS))
    ]
