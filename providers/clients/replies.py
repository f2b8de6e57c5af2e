"""Read vendors' answers without trusting a single field of them."""

from __future__ import annotations

import json
from typing import Any

from providers.errors import ReplyMalformedError

MOST_TOKENS = 100_000_000


def parse(body: bytes) -> dict[str, Any]:
    """Return the JSON object in body.

    Errors: ReplyMalformedError when there is none.
    """
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        start = body[:200].decode("utf-8", "replace")
        raise ReplyMalformedError(f"not JSON: {start!r}") from error
    if not isinstance(data, dict):
        raise ReplyMalformedError("not a JSON object")
    return data


def text_of(content: Any) -> str:
    """Return the text of a string or of a list of parts; thinking and tools are no text."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    return "".join(
        part["text"]
        for part in content
        if isinstance(part, dict)
        and part.get("type") in {"text", "output_text"}
        and isinstance(part.get("text"), str)
    )


def count_of(value: Any) -> int | None:
    """Return a number of tokens; None for what is none, or more than any model reads."""
    return value if type(value) is int and 0 <= value <= MOST_TOKENS else None


def words_of(data: Any) -> str:
    """Find the vendor's own words in an error of any vendor's form."""
    if isinstance(data, str):
        return data
    if not isinstance(data, dict):
        return ""
    for name in ("error", "message", "error_msg", "msg", "detail"):
        value = data.get(name)
        if isinstance(value, dict | str) and (words := words_of(value)):
            return words
    return ""


def model_names(body: bytes) -> list[str]:
    entries = parse(body).get("data")
    if not isinstance(entries, list):
        raise ReplyMalformedError("the list of models is missing")
    return sorted(
        entry["id"]
        for entry in entries
        if isinstance(entry, dict)
        and isinstance(entry.get("id"), str)
        and entry["id"].isprintable()
    )
