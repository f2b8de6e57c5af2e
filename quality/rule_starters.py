"""The content rules that every installation starts with, and which policy uses them how."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop

from quality.content import Action, DataType, Kind
from quality.models import ContentRule
from quality.models.shipped import Shipped

_LISTS = Path(__file__).parent / "content" / "lists"
_PRIVATE = ["phone", "id_card", "bank_card", "email", "address"]
RULES: dict[str, dict[str, Any]] = {
    "refusals": {
        "name": gettext_noop("Refusals"),
        "kind": Kind.REFUSAL,
        "description": gettext_noop("The model declines instead of writing a record."),
        "default_action": Action.REJECT,
    },
    "ai-speak": {
        "name": gettext_noop("Talk about being a model"),
        "kind": Kind.AI_SPEAK,
        "description": gettext_noop("“As an AI language model …” and the like."),
        "default_action": Action.REJECT,
    },
    "placeholders": {
        "name": gettext_noop("Placeholders"),
        "kind": Kind.PLACEHOLDER,
        "description": gettext_noop("[insert name], lorem ipsum, XXX, 此处填写 …"),
        "default_action": Action.REJECT,
    },
    "repetition": {
        "name": gettext_noop("Repetition"),
        "kind": Kind.REPETITION,
        "description": gettext_noop("Texts that go round in circles, and runs of one character."),
        "default_action": Action.REJECT,
    },
    "prompt-leakage": {
        "name": gettext_noop("Prompt leakage"),
        "kind": Kind.LEAKAGE,
        "description": gettext_noop("The record repeats the instructions of its prompt."),
        "default_action": Action.REJECT,
    },
    "personal-data": {
        "name": gettext_noop("Personal data"),
        "kind": Kind.PERSONAL,
        "description": gettext_noop("Phone, ID card, bank card, e-mail and postal address."),
        "data_types": _PRIVATE,
        "default_action": Action.FLAG,
    },
    "api-keys": {
        "name": gettext_noop("API keys"),
        "kind": Kind.PERSONAL,
        "description": gettext_noop("Keys and tokens of known services, and private keys."),
        "data_types": [DataType.API_KEY.value],
        "default_action": Action.MASK,
    },
    "ip-addresses": {
        "name": gettext_noop("IP addresses"),
        "kind": Kind.PERSONAL,
        "description": gettext_noop("Public IPv4 addresses."),
        "data_types": [DataType.IP_ADDRESS.value],
        "default_action": Action.FLAG,
    },
    "sensitive-words-zh": {
        "name": gettext_noop("Sensitive words (Chinese)"),
        "kind": Kind.WORDS,
        "description": gettext_noop("A short list of abuse and spam. Add your own words."),
        "default_action": Action.FLAG,
    },
    "sensitive-words-en": {
        "name": gettext_noop("Sensitive words (English)"),
        "kind": Kind.WORDS,
        "description": gettext_noop("A short list of abuse and spam. Add your own words."),
        "default_action": Action.FLAG,
    },
    "web-addresses": {
        "name": gettext_noop("Web addresses"),
        "kind": Kind.URL,
        "description": gettext_noop("Models invent them; few of them exist."),
        "default_action": Action.FLAG,
    },
    "other-languages": {
        "name": gettext_noop("Other languages"),
        "kind": Kind.LANGUAGE,
        "description": gettext_noop("Texts in another language than the prompt."),
        "default_action": Action.FLAG,
    },
}
# By the names of the starter policies; a rule that is not named is off.
POLICY_RULES: dict[str, dict[str, Action]] = {
    "loose": {
        "refusals": Action.FLAG,
        "placeholders": Action.FLAG,
        "repetition": Action.FLAG,
        "api-keys": Action.FLAG,
    },
    "standard": {
        "refusals": Action.REJECT,
        "ai-speak": Action.REJECT,
        "placeholders": Action.REJECT,
        "repetition": Action.REJECT,
        "prompt-leakage": Action.FLAG,
        "personal-data": Action.FLAG,
        "api-keys": Action.MASK,
        "sensitive-words-zh": Action.FLAG,
        "sensitive-words-en": Action.FLAG,
    },
    "strict": {
        "refusals": Action.REJECT,
        "ai-speak": Action.REJECT,
        "placeholders": Action.REJECT,
        "repetition": Action.REJECT,
        "prompt-leakage": Action.REJECT,
        "personal-data": Action.MASK,
        "api-keys": Action.MASK,
        "ip-addresses": Action.MASK,
        "sensitive-words-zh": Action.REJECT,
        "sensitive-words-en": Action.REJECT,
        "web-addresses": Action.FLAG,
        "other-languages": Action.FLAG,
    },
}


def add() -> int:
    """Create the starter rules that are missing; those that are there may be edited."""
    rows = missing(ContentRule, RULES)
    with transaction.atomic():
        for code, row in rows.items():
            ContentRule.objects.create(**row, words=words(code))
    return len(rows)


def missing(model: type[Shipped], starters: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return by code the rows that are not there yet.

    A row of the user's that has a starter's name keeps it: the starter is called name (2).
    """
    rows = model.objects.values_list("code", "name")
    codes, names = {code for code, _name in rows}, {name for _code, name in rows}
    return {
        code: {**row, "code": code, "name": row["name"] + " (2)" * (row["name"] in names)}
        for code, row in starters.items()
        if code not in codes
    }


def of_policy(code: str) -> list[dict[str, Any]]:
    """Return the rules of a starter policy as a policy keeps them, by their numbers.

    Cost: one query.
    """
    actions = POLICY_RULES[code]
    numbers = dict(ContentRule.objects.filter(code__in=actions).values_list("code", "pk"))
    return [
        {"rule": numbers[rule], "action": action.value}
        for rule, action in actions.items()
        if rule in numbers
    ]


def words(code: str) -> str:
    """Return the word list that ships for a rule; empty where there is none."""
    path = _LISTS / f"{code}.txt"
    return path.read_text("utf-8").strip() if path.exists() else ""
