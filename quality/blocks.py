"""A stretch in which two texts differ."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from quality.normalise import CJK
from quality.readings import Token

LONGEST_SHOWN = 80
ENDS_IN_CJK = re.compile(rf"[{CJK}〇]$")


@dataclass(frozen=True)
class Block:
    all_ours: Sequence[Token] = field(repr=False)
    all_theirs: Sequence[Token] = field(repr=False)
    our_start: int
    our_end: int
    their_start: int
    their_end: int

    @property
    def ours(self) -> Sequence[Token]:
        return self.all_ours[self.our_start : self.our_end]

    @property
    def theirs(self) -> Sequence[Token]:
        return self.all_theirs[self.their_start : self.their_end]

    @property
    def size(self) -> int:
        return self.our_end - self.our_start + self.their_end - self.their_start


@dataclass(frozen=True)
class Difference:
    reason: str
    ours: str
    theirs: str


def shown(tokens: Iterable[Token]) -> str:
    """Write tokens as a person reads them: Chinese without blanks."""
    words = ""
    for token in tokens:
        apart = words and token.kind != "cjk" and not ENDS_IN_CJK.search(words)
        words += f" {token.shown}" if apart else token.shown
    return words if len(words) <= LONGEST_SHOWN else f"{words[:LONGEST_SHOWN]}…"
