"""The templates that every installation starts with: one of each type in each language."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "zh")

_FOLDER = Path(__file__).parent
# Written as lists of lines, so that a change of one line shows as one line.
_TEXTS = ("system_prompt", "prompt")


def load() -> list[dict[str, Any]]:
    """Read all starters: the fields of a template, its language, and whether it is the sample."""
    return [
        _read(path, language)
        for language in LANGUAGES
        for path in sorted((_FOLDER / language).glob("*.json"))
    ]


def _read(path: Path, language: str) -> dict[str, Any]:
    starter: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    for name in _TEXTS:
        starter[name] = "\n".join(starter[name])
    for step in starter.get("steps", ()):
        step["prompt"] = "\n".join(step["prompt"])
    return {"sample": False, **starter, "language": language}
