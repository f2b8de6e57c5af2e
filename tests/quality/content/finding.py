"""Ask one rule about one text."""

from __future__ import annotations

from typing import Any

from quality.content import Action, ActiveRule, Definition, Kind, examine, finder


def rule(kind: Kind, action: Action = Action.FLAG, name: str = "", **parts: Any) -> ActiveRule:
    definition = Definition(kind=kind, **parts)
    return ActiveRule(name=name or kind.value, action=action, find=finder(definition))


def found(kind: Kind, text: str, prompts: tuple[str, ...] = (), **parts: Any) -> list[tuple]:
    """Return code and value of each finding in a text."""
    findings = examine({"text": text}, [rule(kind, **parts)], prompts)
    return [(finding["code"], finding["value"]) for finding in findings]
