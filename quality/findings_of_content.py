"""What checks of form and content rules say about a record, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from quality.content.kinds import Action
from synthesis.expectations import LANGUAGES

SENTENCES = {
    "format:empty": _("%(field)s is empty: “%(value)s”."),
    "format:too_short": _("%(field)s has %(value)s characters; %(limit)s are the fewest."),
    "format:too_long": _("%(field)s has %(value)s characters; %(limit)s are the most."),
    "format:code": _("%(field)s does not parse as %(limit)s."),
    "format:unread": _(
        "%(field)s was not parsed: it has %(value)s characters, and %(limit)s are the most."
    ),
    "format:language": _("%(field)s is in %(value)s; the template expects %(limit)s."),
    "content:words": _("%(field)s has words of the list “%(rule_name)s”: %(value)s."),
    "content:phone": _("%(field)s has a phone number: %(value)s."),
    "content:id_card": _("%(field)s has the number of an ID card: %(value)s."),
    "content:bank_card": _("%(field)s has the number of a bank card: %(value)s."),
    "content:email": _("%(field)s has an e-mail address."),
    "content:address": _("%(field)s has a postal address."),
    "content:ip_address": _("%(field)s has an IP address."),
    "content:api_key": _("%(field)s has an API key."),
    "content:refusal": _("%(field)s is a refusal: “%(value)s”."),
    "content:ai_speak": _("%(field)s speaks as a model: “%(value)s”."),
    "content:placeholder": _("%(field)s has a placeholder: “%(value)s”."),
    "content:leakage": _("%(field)s repeats the prompt: “%(value)s”."),
    "content:url": _("%(field)s has a web address: %(value)s."),
    "content:language": _("%(field)s is in another language: %(value)s."),
    "content:run": _("%(field)s repeats one character: %(value)s."),
    "content:loop": _("%(field)s says the same again and again: “%(value)s”."),
    "content:expression": _("%(field)s fits the expression of “%(rule_name)s”: %(value)s."),
    "content:timeout": _("The expression of “%(rule_name)s” took too long and was stopped."),
}
OUTCOMES = {Action.MASK: _("It was masked."), Action.REJECT: _("The record was rejected.")}
WHOLE_RECORD = _("The record")


def sentence(text: str, finding: Mapping[str, Any]) -> str:
    """Fill a sentence in, and say what became of it."""
    parts = {name: finding.get(name, "") for name in ("field", "value", "limit", "rule_name")}
    parts["field"] = parts["field"] or str(WHOLE_RECORD)
    # The name of a rule that ships is in the catalogue; one of a user's is not, and stays.
    parts["rule_name"] = parts["rule_name"] and gettext(parts["rule_name"])
    if finding.get("code") == "language":
        parts |= {name: _language(parts[name]) for name in ("value", "limit")}
    outcome = OUTCOMES.get(finding.get("action", ""))
    more = (finding.get("detail"), str(outcome) if outcome else "")
    return " ".join(filter(None, [text % parts, *more]))


def _language(code: Any) -> str:
    known = LANGUAGES.get(str(code))
    return str(known) if known else str(code)
