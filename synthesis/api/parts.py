"""What other apps add to the tasks and datasets of the API."""

from __future__ import annotations

from typing import Any, Protocol

from rest_framework import serializers


class Part(Protocol):
    """A serializer of what another app keeps of a row."""

    prefetched: tuple[str, ...]  # what to load with a list of rows

    def __call__(self, **options: Any) -> serializers.Field: ...

    def store(self, row: Any, values: dict[str, Any]) -> None: ...


TASK: dict[str, Part] = {}
DATASET: dict[str, Part] = {}


def fields(parts: dict[str, Part], **options: Any) -> dict[str, serializers.Field]:
    return {name: part(**options) for name, part in parts.items()}


def prefetched(parts: dict[str, Part]) -> list[str]:
    return [name for part in parts.values() for name in part.prefetched]


def take(parts: dict[str, Part], values: dict[str, Any]) -> dict[str, Any]:
    """Take what is theirs out of the values that a client sent."""
    return {name: values.pop(name) for name in parts if name in values}


def store(serializer: serializers.Serializer, row: Any, taken: dict[str, Any]) -> None:
    for name, values in taken.items():
        serializer.fields[name].store(row, dict(values or {}))
