"""What can go wrong between a prompt and its answer.

ProviderError
├── RateLimitedError        rate_limited       wait, then ask again
├── QuotaExhaustedError     quota_exhausted    no money left: permanent
├── AuthenticationError     authentication     key refused or missing: permanent
├── ModelNotFoundError      model_not_found    permanent
├── InvalidRequestError     invalid_request    permanent
│   └── ContextTooLongError context_too_long   permanent
├── ContentRefusedError     content_refused    permanent for this call
├── UnavailableError        unavailable        5xx, overload
├── CallTimeoutError        timeout            nothing whole within the deadline
├── UnreachableError        unreachable        DNS, refused, TLS
├── BlockedAddressError     blocked_address    refused by our own transport: permanent
├── ReplyTooLargeError      reply_too_large    permanent for this call
├── ReplyMalformedError     reply_malformed    the body is not the vendor's JSON
└── LocalModelError         local_model        the built-in model cannot start: permanent
"""

from __future__ import annotations

from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DETAIL_LIMIT = 2000  # characters


class ProviderError(Exception):
    """A call that gave no usable answer; permanent means that asking again cannot help."""

    code: ClassVar[str] = "provider_error"
    permanent: ClassVar[bool] = False

    def __init__(
        self,
        detail: str = "",
        *,
        retry_after_seconds: float | None = None,
        status_code: int | None = None,
    ) -> None:
        super().__init__(detail)
        # JSON can spell half a surrogate pair, which no answer of ours could be encoded with.
        self.detail = detail[:DETAIL_LIMIT].encode(errors="replace").decode()
        self.retry_after_seconds = retry_after_seconds
        self.status_code = status_code

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}" if self.detail else self.code


class RateLimitedError(ProviderError):
    code = "rate_limited"


class QuotaExhaustedError(ProviderError):
    code = "quota_exhausted"
    permanent = True


class AuthenticationError(ProviderError):
    code = "authentication"
    permanent = True


class ModelNotFoundError(ProviderError):
    code = "model_not_found"
    permanent = True


class InvalidRequestError(ProviderError):
    code = "invalid_request"
    permanent = True


class ContextTooLongError(InvalidRequestError):
    code = "context_too_long"


class ContentRefusedError(ProviderError):
    code = "content_refused"
    permanent = True


class UnavailableError(ProviderError):
    code = "unavailable"


class CallTimeoutError(ProviderError):
    code = "timeout"


class UnreachableError(ProviderError):
    code = "unreachable"


class BlockedAddressError(ProviderError):
    code = "blocked_address"
    permanent = True


class ReplyTooLargeError(ProviderError):
    code = "reply_too_large"
    permanent = True


class ReplyMalformedError(ProviderError):
    code = "reply_malformed"


class LocalModelError(ProviderError):
    code = "local_model"
    permanent = True


ADVICE: dict[str, Promise] = {
    "rate_limited": _(
        "The vendor asked to slow down. The calls are repeated by themselves; "
        "if it lasts, lower the provider's concurrent calls or requests per minute."
    ),
    "quota_exhausted": _(
        "The account at the vendor has no credit or quota left. Top it up there, then resume."
    ),
    "authentication": _(
        "The vendor did not accept the API key. Enter a valid key at the provider, then resume."
    ),
    "model_not_found": _(
        "The vendor does not know this model, or the key may not use it. "
        "Test the connection to see the models that it has, and correct the model's name."
    ),
    "invalid_request": _(
        "The vendor refused the request. Read its words below, and correct the parameters, "
        "the output schema or the extra body fields."
    ),
    "context_too_long": _(
        "The prompt is longer than the model can read. Shorten it, lower the batch size, "
        "or choose a model with a larger context."
    ),
    "content_refused": _(
        "The vendor's content rules refused this answer. Rephrase the prompt, "
        "or choose another model."
    ),
    "unavailable": _(
        "The vendor's server failed or is overloaded. The calls are repeated by themselves; "
        "if it lasts, look at the vendor's status page."
    ),
    "timeout": _(
        "No complete answer arrived in time. Raise the provider's timeout, "
        "or ask for fewer records in a call."
    ),
    "unreachable": _(
        "The address cannot be reached. Check the provider's address, the name server, "
        "the certificate and the network of this machine."
    ),
    "blocked_address": _(
        "The address is not allowed: it is private, reserved, redirected or not encrypted. "
        "If it is meant, the administrator can add it to DATAMATE_ALLOWED_PRIVATE_HOSTS."
    ),
    "reply_too_large": _(
        "The answer was larger than allowed and was dropped. Lower max_tokens or the batch size."
    ),
    "reply_malformed": _(
        "The answer does not follow the vendor's own format. Check that the address is that of "
        "an API of this vendor; a proxy may have answered instead."
    ),
    "local_model": _(
        "The built-in local model could not start. Read the detail below, "
        "run make install again, or choose another provider."
    ),
    "provider_error": _("The call failed. Read the detail below."),
}


def advice(code: str) -> Promise:
    """Return one translated sentence or two: what happened and what to do."""
    return ADVICE.get(code, ADVICE["provider_error"])
