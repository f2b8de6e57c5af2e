"""Tell from a vendor's error answer what went wrong; vendors differ more in it than elsewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from providers import errors
from providers.clients import replies
from providers.errors import ProviderError

KEY_MARK = "[key]"
# Shorter ones are words such as "none" or "x", given to servers that look at no key.
SHORTEST_KEY = 8
# Code or words of the answer, in lower case; the first line that fits decides.
# Sources: the vendors' error code pages, read in 2026; tests/providers/clients has an example
# of each.
SIGNS: tuple[tuple[type[ProviderError], re.Pattern[str]], ...] = (
    # DashScope and Ark call a passing limit a quota.
    (
        errors.RateLimitedError,
        re.compile(r"allocated quota exceeded|throttling|rate[_ ]?limit[_ ]?(exceeded|reached)"),
    ),
    (
        errors.QuotaExhaustedError,
        re.compile(
            r"insufficient_quota|insufficient.{0,10}balance|balance is (too low|insufficient)"
            r"|billing|arrearage|overdue|exceeded_current_quota|freetieronly|余额不足|欠费"
            r"|setlimitexceeded"
        ),
    ),
    (
        errors.ContextTooLongError,
        re.compile(
            r"context_length|context length|exceed_context|prompt is too long|too many tokens"
            r"|range of input length|maximum context|tokens_limit"
        ),
    ),
    (
        errors.ContentRefusedError,
        re.compile(
            r"content_policy|content_filter|data_?inspection|sensitivecontent|sensitive_words"
            r"|content management policy|high risk"
        ),
    ),
    (
        errors.AuthenticationError,
        re.compile(r"invalid_?(iam_)?(api_?)?key|incorrect api key|invalid authentication"),
    ),
    (
        errors.ModelNotFoundError,
        re.compile(
            r"model_?not_?found|model_?not_?open|invalid_model|invalidendpointormodel"
            r"|model.{0,120}(does not exist|not found|not supported)|not_found_error.{0,20}model"
            r"|no such model"
        ),
    ),
)
# Codes that are numbers, of Zhipu and SiliconFlow: in words any number may stand.
BY_CODE: dict[str, type[ProviderError]] = {
    "1113": errors.QuotaExhaustedError,
    "1211": errors.ModelNotFoundError,
    "1261": errors.ContextTooLongError,
    "1301": errors.ContentRefusedError,
    "20012": errors.ModelNotFoundError,
}
BY_STATUS: dict[int, type[ProviderError]] = {
    401: errors.AuthenticationError,
    402: errors.QuotaExhaustedError,
    403: errors.AuthenticationError,
    408: errors.CallTimeoutError,
    409: errors.UnavailableError,
    413: errors.ContextTooLongError,
    425: errors.UnavailableError,
    429: errors.RateLimitedError,
}


def failure_of(error: Exception, key: str) -> ProviderError:
    """Return our own error for one that an SDK raised."""
    response = getattr(error, "response", None)
    if response is not None:
        return failure_of_answer(response.status_code, response.headers, response.content, key)
    cause = error
    while cause.__cause__ is not None and not isinstance(cause, ProviderError):
        cause = cause.__cause__  # type: ignore[assignment]
    if isinstance(cause, ProviderError):
        return cause
    return errors.InvalidRequestError(scrubbed(str(error), key))


def failure_of_answer(
    status: int, headers: Mapping[str, str], body: bytes, key: str
) -> ProviderError:
    """Classify an answer of status 400 and above by its words, then by its status."""
    try:
        data: Any = json.loads(body)
    except (ValueError, RecursionError):
        data = None
    words = replies.words_of(data) or body[:500].decode("utf-8", "replace").strip()
    return class_of(status, words, code_of(data))(
        scrubbed(f"HTTP {status}: {words}" if words else f"HTTP {status}", key),
        retry_after_seconds=retry_after(headers),
        status_code=status,
    )


def class_of(status: int, words: str, codes: str = "") -> type[ProviderError]:
    if status < 500:
        for code in codes.split():
            if code in BY_CODE:
                return BY_CODE[code]
        text = f"{codes} {words}".lower()
        for kind, sign in SIGNS:
            if sign.search(text) and not (kind is errors.RateLimitedError and status != 429):
                return kind
    if status in BY_STATUS:
        return BY_STATUS[status]
    return errors.UnavailableError if status >= 500 else errors.InvalidRequestError


def code_of(data: Any) -> str:
    """Return the codes in an error of any vendor's form, in one line."""
    if not isinstance(data, dict):
        return ""
    inner = data.get("error")
    found = [data, inner] if isinstance(inner, dict) else [data]
    names = ("code", "type", "error_code")
    return " ".join(
        str(part[name]) for part in found for name in names if isinstance(part.get(name), str | int)
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that the vendor asks to wait; both forms of the header, and OpenAI's."""
    milliseconds = number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    value = headers.get("retry-after")
    seconds = number(value)
    if seconds is not None or value is None:
        return seconds
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def number(value: str | None) -> float | None:
    if value is None or not re.fullmatch(r"\s*\d{1,9}(\.\d{1,9})?\s*", value):
        return None
    return float(value)


def scrubbed(text: str, key: str) -> str:
    """Take the key out of a vendor's words: some of them repeat it."""
    return text.replace(key, KEY_MARK) if len(key) >= SHORTEST_KEY else text
