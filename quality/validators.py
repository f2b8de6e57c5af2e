"""Does a record have the form that its template promises?"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from jsonschema.exceptions import ValidationError, best_match
from jsonschema.protocols import Validator

from synthesis import schemas, violations
from synthesis.models import Record

LONGEST_MESSAGE = 500


def check(records: Iterable[Record], schema: Mapping[str, Any]) -> None:
    """Mark the records malformed that are no objects, or do not fit the schema."""
    validator = compiled(json.dumps(schema, sort_keys=True))
    for record in records:
        if record.status != Record.Status.ACCEPTED:
            continue
        finding = form_finding(record.content, validator)
        if finding is not None:
            record.status = Record.Status.MALFORMED
            record.findings = [*record.findings, finding]


def form_finding(content: Any, validator: Validator) -> dict[str, str] | None:
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


def describe(error: ValidationError) -> str:
    return f"{error.json_path}: {error.message}"[:LONGEST_MESSAGE]
