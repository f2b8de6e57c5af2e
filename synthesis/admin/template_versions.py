"""What changed from version to version of a template."""

from __future__ import annotations

import difflib
import json
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from synthesis.models import PromptTemplate, TemplateVersion
from synthesis.models.template import PromptContent

CONTEXT_LINES = 3
KINDS = {"+": "added", "-": "removed", "@": "place"}


class VersionChange(NamedTuple):
    version: TemplateVersion
    lines: list[tuple[str, str]]
    is_latest: bool


def changes(template: PromptTemplate) -> list[VersionChange]:
    """List the versions, newest first, each compared with the one before it."""
    versions = list(
        template.versions.select_related("language_model__provider").order_by("-number")
    )
    earlier = [*versions[1:], None]
    return [
        VersionChange(version, difference(before, version), version is versions[0])
        for version, before in zip(versions, earlier, strict=True)
    ]


def difference(before: PromptContent | None, after: PromptContent) -> list[tuple[str, str]]:
    """Compare two contents line by line, as pairs of a kind and a line."""
    old = readable(before) if before is not None else []
    lines = list(difflib.unified_diff(old, readable(after), lineterm="", n=CONTEXT_LINES))
    # The first two name the files that there are none of.
    return [(KINDS.get(line[:1], "same"), line) for line in lines[2:]]


def readable(content: PromptContent) -> list[str]:
    """Write a content as lines that a person can compare."""
    parts = (
        (_("System prompt"), content.system_prompt),
        (_("Prompt"), content.prompt),
        (_("Variables"), content.variables),
        (_("Output schema"), content.output_schema),
        (_("Examples"), content.examples),
        (_("Preset"), content.get_preset_display()),
        (_("Parameters"), content.parameters),
        (_("Model"), str(content.language_model or "")),
        (_("Expected language"), content.get_expected_language_display()),
        (_("Code fields"), content.code_fields),
        (_("Compared fields"), content.compared_fields),
        *later_steps(content),
    )
    lines: list[str] = []
    for title, value in parts:
        if value:
            lines += [f"## {title}", *written(value).splitlines()]
    return lines


def later_steps(content: PromptContent) -> list[tuple[str, str]]:
    return [
        (
            _("Step %(number)d: %(fields)s")
            % {"number": number, "fields": ", ".join(step["fields"])},
            step["prompt"],
        )
        for number, step in enumerate(content.steps, 2)
    ]


def written(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, indent=2)
