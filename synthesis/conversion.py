"""The types of variables, and a user's value converted to one of them."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext

from providers.sanitising import clean_text

MAX_TEXT_CHARACTERS = 100_000
MAX_ELEMENTS = 10_000
INTEGER_LIMIT = 2**63

_INTEGER = re.compile(r"[+-]?\d{1,19}", re.ASCII)
_SEPARATORS = re.compile(r"[,，、;；]")
_YES = frozenset({"true", "yes", "on", "1", "是", "真"})
_NO = frozenset({"false", "no", "off", "0", "否", "假"})


class ConversionError(ValueError):
    """A value that its variable cannot take."""

    def __init__(self, code: str, sentence: str, name: str, **facts: Any) -> None:
        self.code = code
        super().__init__(sentence % {"name": name, **facts})


def converted(declaration: Mapping[str, Any], value: Any) -> Any:
    """Convert a value to the type of its variable; texts from forms convert as numbers do.

    Errors: ConversionError with the code wrong_type or not_a_choice.
    """
    return _CONVERTERS[declaration["type"]](declaration, value)


def is_number(value: Any) -> bool:
    """Tell whether a value is a finite number; booleans are none."""
    # Comparing never overflows, as math.isfinite does on large integers.
    return type(value) in (int, float) and abs(value) <= sys.float_info.max


def are_choices(choices: Any) -> bool:
    """Tell whether choices are different, non-blank scalars."""
    if not isinstance(choices, list) or not 0 < len(choices) <= MAX_ELEMENTS:
        return False
    if not all(is_number(choice) or _is_text(choice) for choice in choices):
        return False
    return len({str(choice) for choice in choices}) == len(choices)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip()) and len(value) <= MAX_TEXT_CHARACTERS


def _text(declaration: Mapping[str, Any], value: Any) -> str:
    if is_number(value):
        return str(value)
    if not isinstance(value, str) or len(value) > MAX_TEXT_CHARACTERS:
        raise _wrong(
            declaration,
            gettext("%(name)s must be text of at most %(limit)s characters."),
            limit=MAX_TEXT_CHARACTERS,
        )
    return clean_text(value)


def _integer(declaration: Mapping[str, Any], value: Any) -> int:
    if isinstance(value, str) and _INTEGER.fullmatch(value.strip()):
        value = int(value)
    if not is_number(value) or value != int(value) or abs(value) >= INTEGER_LIMIT:
        raise _wrong(declaration, gettext("%(name)s must be a whole number."))
    return int(value)


def _number(declaration: Mapping[str, Any], value: Any) -> float:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            value = None
    if not is_number(value):
        raise _wrong(declaration, gettext("%(name)s must be a number."))
    number: float = value
    return number


def _boolean(declaration: Mapping[str, Any], value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word not in _YES | _NO:
        raise _wrong(declaration, gettext("%(name)s must be true or false."))
    return word in _YES


def _choice(declaration: Mapping[str, Any], value: Any) -> Any:
    if isinstance(value, list):
        return [_choice(declaration, item) for item in value]
    for choice in declaration["choices"]:
        # A form gives texts where the choices are numbers.
        if str(choice).strip() == str(value).strip():
            return choice
    raise ConversionError(
        "not_a_choice",
        gettext("%(name)s must be one of %(choices)s."),
        declaration["name"],
        choices=", ".join(str(choice) for choice in declaration["choices"]),
    )


def _list(declaration: Mapping[str, Any], value: Any) -> list[Any]:
    items = _split(value) if isinstance(value, str) else value
    if is_number(items):
        items = [items]
    if (
        not isinstance(items, list)
        or len(items) > MAX_ELEMENTS
        or not all(is_number(item) or _is_text(item) for item in items)
    ):
        raise _wrong(
            declaration,
            gettext("%(name)s must be a list of at most %(limit)s texts or numbers."),
            limit=MAX_ELEMENTS,
        )
    return [clean_text(item).strip() if isinstance(item, str) else item for item in items]


def _split(text: str) -> Any:
    """Read a list out of a form's text: JSON, one element a line, or one line with commas."""
    text = text.strip()
    if text.startswith("["):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return None
    parts = text.splitlines() if "\n" in text else _SEPARATORS.split(text)
    return [part.strip() for part in parts if part.strip()]


def _wrong(declaration: Mapping[str, Any], sentence: str, **facts: Any) -> ConversionError:
    return ConversionError("wrong_type", sentence, declaration["name"], **facts)


_CONVERTERS: dict[str, Callable[[Mapping[str, Any], Any], Any]] = {
    "text": _text,
    "integer": _integer,
    "number": _number,
    "choice": _choice,
    "list": _list,
    "boolean": _boolean,
}
TYPES = tuple(_CONVERTERS)
