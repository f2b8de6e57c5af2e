"""Generation parameters: which ones are known, and what a model takes of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from providers.catalogue import Capability
from providers.clients.types import Family

# Set by the engine itself, so never out of a parameter list.
RESERVED = {"model", "messages", "system", "stream", "n", "output_config"}
RANGES: dict[str, tuple[float, float]] = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "frequency_penalty": (-2, 2),
    "presence_penalty": (-2, 2),
}
# Vendors refuse these for the models that they do not let sample freely.
SAMPLING = {"temperature", "top_p", "frequency_penalty", "presence_penalty", "stop"}
CAPABILITY_NEEDED = {
    "temperature": Capability.TEMPERATURE,
    "top_p": Capability.TOP_P,
    "seed": Capability.SEED,
}
ANTHROPIC_LACKS = {"temperature", "top_p", "seed", "frequency_penalty", "presence_penalty"}
MAX_TOKENS = 1_000_000
MAX_STOPS = 4
MAX_STOP_CHARACTERS = 200
DEFAULT_MAX_TOKENS = 4096
# An answer that fills a larger limit would outlast the longest timeout.
LARGEST_DEFAULT_MAX_TOKENS = 16_384
NOT_AN_OBJECT = _('Parameters must be a JSON object, such as {"temperature": 0.7}.')

Rule = tuple[Callable[[Any], bool], Any]


def split(
    parameters: Mapping[str, Any],
    *,
    family: Family,
    capabilities: Collection[str],
    max_output_tokens: int | None,
) -> tuple[dict[str, Any], list[str]]:
    """Return the parameters that the model takes, and the names of those it does not.

    Names that are not known here are sent as they are: vendors have many of their own.
    A null takes a default away, and goes to no vendor: many refuse it.
    """
    sent = {}
    not_taken = []
    for name, value in parameters.items():
        if value is None:
            continue
        if takes(name, family, capabilities):
            sent[name] = value
        else:
            not_taken.append(name)
    # Anthropic demands a limit, and the local model would write to the end of its context.
    if family != "openai" and "max_tokens" not in sent:
        sent["max_tokens"] = min(
            max_output_tokens or DEFAULT_MAX_TOKENS, LARGEST_DEFAULT_MAX_TOKENS
        )
    return sent, not_taken


def takes(name: str, family: Family, capabilities: Collection[str]) -> bool:
    if name in RESERVED:
        return False
    if family == "anthropic" and name in ANTHROPIC_LACKS:
        return False
    if name in CAPABILITY_NEEDED:
        return CAPABILITY_NEEDED[name] in capabilities
    if name in SAMPLING and family != "anthropic":
        return Capability.TEMPERATURE in capabilities
    return True


def check_parameters(value: Any) -> None:
    """Refuse, in words, a parameter object that no vendor could take."""
    if not isinstance(value, dict):
        raise ValidationError(NOT_AN_OBJECT)
    reserved = sorted(RESERVED & value.keys())
    if reserved:
        raise ValidationError(
            _("%(names)s cannot be set as a parameter."), params={"names": ", ".join(reserved)}
        )
    complaints = [complaint(name, value[name]) for name in NAMES if name in value]
    if found := [sentence for sentence in complaints if sentence]:
        raise ValidationError(found)


def complaint(name: str, value: Any) -> str:
    """Say in a sentence what is wrong with a value; nothing when it is right, or null."""
    is_right, rule = _RULES[name]
    if value is None or is_right(value):
        return ""
    return gettext("%(name)s must be %(rule)s.") % {"name": name, "rule": rule}


def _is_between(low: float, high: float, kinds: tuple[type, ...]) -> Callable[[Any], bool]:
    def is_right(value: Any) -> bool:
        return type(value) in kinds and bool(low <= value <= high)

    return is_right


def _are_stops(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= MAX_STOPS
        and all(isinstance(stop, str) and 0 < len(stop) <= MAX_STOP_CHARACTERS for stop in value)
    )


def _numbers(low: float, high: float) -> Rule:
    rule = format_lazy(_("a number from {low} to {high}"), low=low, high=high)
    return _is_between(low, high, (int, float)), rule


def _integers(low: int, high: int) -> Rule:
    rule = format_lazy(_("a whole number from {low} to {high}"), low=low, high=high)
    return _is_between(low, high, (int,)), rule


_RULES: dict[str, Rule] = {
    "temperature": _numbers(*RANGES["temperature"]),
    "top_p": _numbers(*RANGES["top_p"]),
    "max_tokens": _integers(1, MAX_TOKENS),
    "frequency_penalty": _numbers(*RANGES["frequency_penalty"]),
    "presence_penalty": _numbers(*RANGES["presence_penalty"]),
    "stop": (
        _are_stops,
        format_lazy(
            _("a list of at most {count} texts of 1 to {length} characters"),
            count=MAX_STOPS,
            length=MAX_STOP_CHARACTERS,
        ),
    ),
}
NAMES = tuple(_RULES)
