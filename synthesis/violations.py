"""Which rule of an output schema a record breaks, in words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from jsonschema.exceptions import ValidationError

LONGEST_VALUE = 100
# By the keyword of the schema that the record breaks.
SENTENCES = {
    "required": _("%(path)s lacks %(value)s."),
    "additionalProperties": _("%(path)s has more than the schema allows: %(value)s."),
    "type": _("%(path)s is %(value)s; it must be of type %(limit)s."),
    "enum": _("%(path)s is %(value)s; it must be one of %(limit)s."),
    "const": _("%(path)s is %(value)s; it must be %(limit)s."),
    "pattern": _("%(path)s is %(value)s; it must match %(limit)s."),
    "minLength": _("%(path)s has fewer characters than %(limit)s."),
    "maxLength": _("%(path)s has more characters than %(limit)s."),
    "minItems": _("%(path)s has fewer elements than %(limit)s."),
    "maxItems": _("%(path)s has more elements than %(limit)s."),
    "uniqueItems": _("%(path)s has an element twice."),
    "minimum": _("%(path)s is %(value)s; it must be at least %(limit)s."),
    "maximum": _("%(path)s is %(value)s; it must be at most %(limit)s."),
    "exclusiveMinimum": _("%(path)s is %(value)s; it must be above %(limit)s."),
    "exclusiveMaximum": _("%(path)s is %(value)s; it must be below %(limit)s."),
}


def parts(error: ValidationError) -> dict[str, str]:
    """Say which rule was broken where, in parts that can be put into any language."""
    value, limit = error.instance, error.validator_value
    if error.validator == "required":
        value = [name for name in limit if name not in value]
    elif error.validator == "additionalProperties" and "patternProperties" not in error.schema:
        value = [name for name in value if name not in error.schema.get("properties", {})]
    return {
        "rule": str(error.validator),
        "path": error.json_path,
        "value": _shown(value),
        "limit": _shown(limit),
    }


def _shown(value: Any) -> str:
    if isinstance(value, list):
        value = ", ".join(map(_shown, value)) or "[]"
    text = value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def sentence(found: Mapping[str, Any]) -> str:
    """Say what parts() found; nothing where the rule has no words here."""
    rule = SENTENCES.get(found.get("rule", ""))
    values = {name: found.get(name, "") for name in ("path", "value", "limit")}
    return str(rule) % values if rule else ""
