"""The texts inside a record's content, with the path to each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def texts(content: Any) -> list[str]:
    """List every text of a content, in order; names of fields are none."""
    found: list[str] = []
    _collect(content, found)
    return found


def _collect(value: Any, found: list[str]) -> None:
    if isinstance(value, str):
        found.append(value)
    elif isinstance(value, dict):
        for inner in value.values():
            _collect(inner, found)
    elif isinstance(value, list):
        for inner in value:
            _collect(inner, found)


def paths(value: Any, path: str = "") -> Iterator[str]:
    """Yield where each text is, such as turns[0].text, in the order of texts()."""
    if isinstance(value, str):
        yield path
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from paths(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from paths(inner, f"{path}[{number}]")


def replaced(value: Any, changes: Mapping[int, str]) -> Any:
    """Return a copy of the content whose texts with these numbers are others."""
    return _replaced(value, changes, iter(range(len(texts(value)))))


def _replaced(value: Any, changes: Mapping[int, str], numbers: Iterator[int]) -> Any:
    if isinstance(value, str):
        return changes.get(next(numbers), value)
    if isinstance(value, dict):
        return {name: _replaced(inner, changes, numbers) for name, inner in value.items()}
    if isinstance(value, list):
        return [_replaced(inner, changes, numbers) for inner in value]
    return value
