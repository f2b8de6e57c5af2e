"""The search for JSON objects in text that is not JSON as a whole.

Objects are taken one after the other; the brackets of arrays around them, fences and prose are all
skipped alike. An object that cannot be read is bounded first, then repaired on its own.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection
from typing import Any, NamedTuple

import json_repair

from providers.sanitising import MAX_INTEGER_DIGITS

MAX_OBJECTS = 1001
MAX_FAILURES = 200
# json_repair takes 4 µs a character.
MAX_REPAIRED_CHARACTERS = 60_000
DIALOGUE_NAMES = frozenset({"messages", "conversations", "conversation", "dialogue", "turns"})

_START = re.compile(r"""\{\s*+(?:["'“”‘’]|[A-Za-z_]\w{0,63}\s*+:)""")
_ARRAY = re.compile(r"""\[\s*+(?:["'“\d\-\[]|true|false|null)""")
_FIRST_NAME = re.compile(r"""\{\s*+["'“”‘’]?([^"'“”‘’{}\[\]:]{1,100}+)["'“”‘’]?\s*+:""")
_ARRAY_OF_OBJECTS = re.compile(r"\s*+\[\s*+\{")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|["{}\[\]]', re.DOTALL)
_TAIL = "] \t\r\n`,;.。"


class Found(NamedTuple):
    value: Any
    raw: str
    problem: str | None = None
    repaired: bool = False


def _float(digits: str) -> float | None:
    value = float(digits)
    return value if math.isfinite(value) else None


def _integer(digits: str) -> int | None:
    return int(digits) if len(digits.lstrip("-")) <= MAX_INTEGER_DIGITS else None


# Models put raw line breaks into strings, and NaN where a number is missing.
decoder = json.JSONDecoder(
    strict=False, parse_constant=lambda name: None, parse_float=_float, parse_int=_integer
)


def objects(text: str, names: Collection[str] = (), *, truncated: bool = False) -> list[Found]:
    """Find the objects of a text, whole, repaired or with a problem.

    A broken object whose first name is not one of the names given is looked into instead.
    """
    search = _Search(text, names, truncated)
    while search.advance():
        pass
    return search.found


def first_object(text: str, position: int = 0) -> int | None:
    """Give the place where the first object from position on seems to start."""
    match = _START.search(text, position)
    return match.start() if match else None


def has_array(text: str) -> bool:
    """Tell whether the text holds an array that can be read."""
    match = _ARRAY.search(text)
    if match is None:
        return False
    try:
        decoder.raw_decode(text, match.start())
    except (ValueError, RecursionError):
        return False
    return True


class _Search:
    def __init__(self, text: str, names: Collection[str], truncated: bool) -> None:
        self.text = text
        self.names = names
        self.truncated = truncated
        self.found: list[Found] = []
        self.position = 0
        self.failures = 0
        self.budget = MAX_REPAIRED_CHARACTERS

    def advance(self) -> bool:
        """Take the next object; False when there is none or too much was broken."""
        start = _START.search(self.text, self.position)
        if start is None or len(self.found) >= MAX_OBJECTS or self.failures >= MAX_FAILURES:
            return False
        try:
            value, end = decoder.raw_decode(self.text, start.start())
        except RecursionError:
            self._add_broken(start.start(), len(self.text), "too_deep")
        except ValueError:
            self.failures += 1
            self._take_broken(start.start())
        else:
            self.found.append(Found(value, self.text[start.start() : end]))
            self.position = end
        return True

    def _take_broken(self, start: int) -> None:
        first = _FIRST_NAME.match(self.text, start)
        name = first[1].strip() if first else ""
        if first and self._is_around_records(name, first.end()):
            self.position = first.end()
            return
        end = self._end(start, name)
        if end is None:
            self._add_broken(start, len(self.text), "truncated")
        elif end - start > self.budget:
            self._add_broken(start, end, "not_json")
        else:
            self.budget -= end - start
            self._repair(start, end)

    def _is_around_records(self, name: str, end: int) -> bool:
        if self.names:
            return name not in self.names
        return name.lower() not in DIALOGUE_NAMES and bool(_ARRAY_OF_OBJECTS.match(self.text, end))

    def _end(self, start: int, name: str) -> int | None:
        """Find where a broken object ends: None when the text ends first."""
        sibling = self._next_sibling(start, name)
        limit = min(sibling or len(self.text), start + self.budget)
        balanced, is_quoted_badly = _balanced_end(self.text, start, limit)
        if balanced or sibling:
            return balanced or sibling
        rest = self.text.rstrip(_TAIL)
        is_closed = is_quoted_badly and rest.endswith("}") and not self.truncated
        return len(rest) if is_closed else None

    def _next_sibling(self, start: int, name: str) -> int | None:
        """Find the end before the next object that starts with the same name."""
        if not name:
            return None
        pattern = r"\}[\s,\[\]]*+\{\s*+[\"'“”‘’]?" + re.escape(name)
        match = re.compile(pattern).search(self.text, start + 1)
        return match.start() + 1 if match else None

    def _repair(self, start: int, end: int) -> None:
        raw = self.text[start:end]
        try:
            value = json_repair.loads(raw, skip_json_loads=True)
        # Not code of this project, and fed with anything at all.
        except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError):
            value = None
        if isinstance(value, dict) and value:
            self.found.append(Found(value, raw, repaired=True))
            self.position = end
        else:
            self._add_broken(start, end, "not_json")

    def _add_broken(self, start: int, end: int, problem: str) -> None:
        self.found.append(Found(None, self.text[start:end], problem))
        self.position = end


def _balanced_end(text: str, start: int, limit: int) -> tuple[int | None, bool]:
    """Find where the bracket opened at start is closed, and whether a quote stands alone."""
    open_brackets: list[str] = []
    for token in _TOKEN.finditer(text, start, limit):
        symbol = token[0]
        if symbol in ("{", "["):
            open_brackets.append(symbol)
        elif symbol == '"':
            return None, True
        elif symbol in ("}", "]"):
            if symbol == "]" and open_brackets == ["{"]:
                return token.start(), False
            open_brackets.pop()
            if not open_brackets:
                return token.end(), False
    return None, False
