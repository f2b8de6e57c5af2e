"""Refuse, in words, what a provider or a model cannot be saved with."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from providers import sanitising
from providers.catalogue import Capability, Vendor

HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
# The transport and the clients write these; one of them given twice would be a way around them.
RESERVED_HEADERS = {
    "accept-encoding",
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "host",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-api-key",
}
# Of several answers (n) one would be read, and all be paid.
RESERVED_BODY_FIELDS = {"messages", "model", "n", "stream"}
NETLOC = re.compile(r"(\[[\dA-Fa-f:.]+\]|([^\s.:%\[\]\\]+\.)*[^\s.:%\[\]\\]+\.?)(:\d{1,5})?")
TOO_DEEP = format_lazy(
    _("The JSON is nested deeper than {depth} levels."), depth=sanitising.MAX_DEPTH
)
NOT_STORABLE = _(
    "The JSON holds what no database stores: a NUL character, half a surrogate pair, or a"
    " number that is not finite or too large."
)


def check_storable(value: Any) -> None:
    """Refuse a JSON value with which PostgreSQL or SQLite would fail."""
    try:
        is_storable = sanitising.clean(value) == value
    except sanitising.TooDeepError as error:
        raise ValidationError(TOO_DEEP) from error
    if not is_storable:
        raise ValidationError(NOT_STORABLE)


def check_headers(value: Any) -> None:
    if not isinstance(value, dict):
        raise ValidationError(_('Headers must be a JSON object, such as {"X-Team": "data"}.'))
    for name, content in value.items():
        if not HEADER_NAME.fullmatch(name):
            raise ValidationError(_("%(name)s is no header name."), params={"name": name})
        if name.lower() in RESERVED_HEADERS:
            raise ValidationError(
                _("The header %(name)s is set by the system; a key belongs in the API key field."),
                params={"name": name},
            )
        if not isinstance(content, str) or not content.isascii() or not content.isprintable():
            raise ValidationError(
                _("The value of the header %(name)s must be plain ASCII text on one line."),
                params={"name": name},
            )


def check_body(value: Any) -> None:
    if not isinstance(value, dict):
        raise ValidationError(_('Body fields must be a JSON object, such as {"top_k": 20}.'))
    reserved = sorted(RESERVED_BODY_FIELDS & value.keys())
    if reserved:
        raise ValidationError(
            _("%(names)s cannot be set here; the task sets it."),
            params={"names": ", ".join(reserved)},
        )


def check_capabilities(value: Any) -> None:
    if not isinstance(value, list):
        raise ValidationError(_('Capabilities must be a JSON list, such as ["json_schema"].'))
    unknown = [str(name) for name in value if name not in Capability.values]
    if unknown:
        raise ValidationError(
            _("Not known: %(unknown)s. Choose out of: %(names)s."),
            params={"unknown": ", ".join(unknown), "names": ", ".join(Capability.values)},
        )


def check_address(base_url: str, vendor: Vendor) -> None:
    """Refuse an address that cannot be one, before anything is sent there."""
    if vendor.family == "local":
        if base_url:
            raise ValidationError({"base_url": _("The built-in model finds its own address.")})
        return
    if not base_url:
        if not vendor.base_url:
            raise ValidationError(
                {"base_url": _("This vendor has no address of its own: give one.")}
            )
        return
    try:
        parts = urlsplit(base_url)
        is_http = parts.scheme in {"http", "https"} and parts.port != 0
    except ValueError:
        is_http = False
    if is_http and {"@", "?", "#"} & set(base_url):
        raise ValidationError(
            {"base_url": _("The address may hold no user, password, query or fragment.")}
        )
    if not is_http or not NETLOC.fullmatch(parts.netloc) or not is_one_word(base_url):
        raise ValidationError(
            {"base_url": _("The address must look like https://api.example.com/v1.")}
        )


def is_one_word(text: str) -> bool:
    return text.isprintable() and " " not in text
