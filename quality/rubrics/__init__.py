"""The rubrics that every installation starts with: one for each template type in each language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from quality import dimensions

LANGUAGES = ("en", "zh")

_FOLDER = Path(__file__).parent


def load() -> list[dict[str, Any]]:
    """Read all starters, as the fields of a rubric."""
    return [starter for language in LANGUAGES for starter in _of(language)]


def _of(language: str) -> list[dict[str, Any]]:
    """Put the dimensions that a rubric names, each with its weight, in the place of the names."""
    known = _read(language, "dimensions")
    return [
        {**starter, "dimensions": _weighted(starter["dimensions"], known)}
        for starter in _read(language, "rubrics")
    ]


def _weighted(weights: Mapping[str, float], known: Mapping[str, Any]) -> Any:
    return dimensions.tidy([{**known[key], "weight": weight} for key, weight in weights.items()])


def _read(language: str, name: str) -> Any:
    return json.loads((_FOLDER / language / f"{name}.json").read_text("utf-8"))
