"""Does a record have the form that its template promises?"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from jsonschema.exceptions import ValidationError, best_match
from jsonschema.protocols import Validator

from quality import code, flat_schemas, language
from quality.content.texts import paths, texts
from synthesis import schemas, violations
from synthesis.models import Record, TemplateVersion

Finding = dict[str, Any]
LONGEST_MESSAGE = 500
# What models write where they have nothing to write. "None" and "无" may well be answers.
EMPTY_WORDS = {
    *("", "n/a", "n.a.", "null", "undefined", "nan", "tbd", "-", "--", "—", "...", "…", "……"),
    *("暂无", "略", "（略）", "(略)", "待定", "不详"),
}
LONGEST_EMPTY_WORD = max(map(len, EMPTY_WORDS))
# Shorter texts, labels for one, are judged together with their neighbours.
TEXT_OF_ITS_OWN = 40


@dataclass(frozen=True, kw_only=True)
class FormatRules:
    """What is asked of a record's form beside its schema; lengths are in characters, 0 is none."""

    refuse_empty_fields: bool = True
    min_characters: int = 0
    max_characters: int = 0
    expected_language: str = ""
    code_fields: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_template(cls, version: TemplateVersion | None, **limits: Any) -> FormatRules:
        """Return the rules of a template, with the limits that a policy sets beside them."""
        if version is None:
            return cls(**limits)
        expected = {
            "expected_language": version.expected_language,
            "code_fields": version.code_fields,
        }
        return cls(**{**expected, **limits})


def check(
    records: Iterable[Record], schema: Mapping[str, Any], rules: FormatRules | None = None
) -> None:
    """Mark the records malformed that do not fit the schema, or the rules beside it."""
    rules = rules or FormatRules()
    written = json.dumps(schema, sort_keys=True)
    validator, surely_fits = compiled(written), quick_test(written)
    for record in records:
        if record.status != Record.Status.ACCEPTED:
            continue
        unfit = not surely_fits(record.content) and form_finding(record.content, validator)
        findings = [unfit] if unfit else rule_findings(record, schema, rules)
        if findings:
            record.findings = [*record.findings, *findings]
        if any(finding["code"] != "unread" for finding in findings):
            record.status = Record.Status.MALFORMED


def form_finding(content: Any, validator: Validator) -> Finding | None:
    if not isinstance(content, dict):
        return {"check": "schema", "code": "not_an_object"}
    if validator.is_valid(content):
        return None
    error = best_match(validator.iter_errors(content))
    return {
        "check": "schema",
        "code": "schema",
        "detail": describe(error),
        **violations.parts(error),
    }


@lru_cache(maxsize=100)
def compiled(schema: str) -> Validator:
    return schemas.validator(json.loads(schema))


@lru_cache(maxsize=100)
def quick_test(schema: str) -> Callable[[Any], bool]:
    return flat_schemas.quick_test(json.loads(schema))


def describe(error: ValidationError) -> str:
    return f"{error.json_path}: {error.message}"[:LONGEST_MESSAGE]


def rule_findings(record: Record, schema: Mapping[str, Any], rules: FormatRules) -> list[Finding]:
    """List what is wrong with the form of a record that fits its schema."""
    content: dict[str, Any] = record.content
    findings = empty_fields(content, schema) if rules.refuse_empty_fields else []
    if rules.min_characters or rules.max_characters:
        findings += lengths(content, rules)
    if rules.code_fields:
        findings += unparsed_code(content, rules.code_fields)
    if rules.expected_language:
        findings += foreign_texts(content, rules)
    return findings


def empty_fields(content: Mapping[str, Any], schema: Mapping[str, Any]) -> list[Finding]:
    properties = schema.get("properties", {})
    found = []
    for name in schema.get("required", ()):
        value = content.get(name)
        # What a schema lists is right, whatever it looks like.
        rule = properties.get(name)
        is_listed = isinstance(rule, Mapping) and ("enum" in rule or "const" in rule)
        if isinstance(value, str) and not is_listed and is_empty(value):
            found.append(_finding("empty", name, value=value.strip()))
    return found


def is_empty(text: str) -> bool:
    bare = text.strip()
    return len(bare) <= LONGEST_EMPTY_WORD and bare.lower() in EMPTY_WORDS


def lengths(content: Mapping[str, Any], rules: FormatRules) -> list[Finding]:
    size = sum(map(len, texts(content)))
    if size < rules.min_characters:
        return [_finding("too_short", "", value=size, limit=rules.min_characters)]
    if rules.max_characters and size > rules.max_characters:
        return [_finding("too_long", "", value=size, limit=rules.max_characters)]
    return []


def unparsed_code(content: Mapping[str, Any], code_fields: Mapping[str, str]) -> list[Finding]:
    found = []
    for name, code_language in code_fields.items():
        for text in texts(content.get(name)):
            if len(text) > (longest := code.LONGEST[code_language]):
                found.append(_finding("unread", name, value=len(text), limit=longest))
            elif reason := code.problem(text, code_language):
                found.append(_finding("code", name, limit=code_language, detail=reason))
    return found


def foreign_texts(content: Mapping[str, Any], rules: FormatRules) -> list[Finding]:
    """Find the first text in another language; of short ones, whether all of them are."""
    expected = frozenset({rules.expected_language})
    prose = {name: value for name, value in content.items() if name not in rules.code_fields}
    read = texts(prose)
    for number, text in enumerate(read):
        if len(text) >= TEXT_OF_ITS_OWN and (other := language.other_language(text, expected)):
            return [_language_finding(list(paths(prose))[number], other, rules)]
    if other := language.other_language(" ".join(read), expected):
        return [_language_finding("", other, rules)]
    return []


def _language_finding(name: str, other: str, rules: FormatRules) -> Finding:
    return _finding("language", name, value=other, limit=rules.expected_language)


def _finding(finding_code: str, name: str, **parts: Any) -> Finding:
    """Write a finding; without a name of a field it is about the record."""
    return {"check": "format", "code": finding_code, "field": name, **parts}
