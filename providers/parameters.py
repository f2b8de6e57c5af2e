"""Generation parameters: which ones are known, and what a model takes of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.core.exceptions import ValidationError
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
DEFAULT_MAX_TOKENS = 4096
# An answer that fills a larger limit would outlast the longest timeout.
LARGEST_DEFAULT_MAX_TOKENS = 16_384


def split(
    parameters: Mapping[str, Any],
    *,
    family: Family,
    capabilities: Collection[str],
    max_output_tokens: int | None,
) -> tuple[dict[str, Any], list[str]]:
    """Return the parameters that the model takes, and the names of those it does not.

    Names that are not known here are sent as they are: vendors have many of their own.
    """
    sent = {}
    not_taken = []
    for name, value in parameters.items():
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
        raise ValidationError(_('Parameters must be a JSON object, such as {"temperature": 0.7}.'))
    reserved = sorted(RESERVED & value.keys())
    if reserved:
        raise ValidationError(
            _("%(names)s cannot be set as a parameter."), params={"names": ", ".join(reserved)}
        )
    for name, (low, high) in RANGES.items():
        number = value.get(name)
        if number is not None and not (is_number(number) and low <= number <= high):
            raise ValidationError(
                _("%(name)s must be a number from %(low)s to %(high)s."),
                params={"name": name, "low": low, "high": high},
            )
    limit = value.get("max_tokens")
    if limit is not None and (type(limit) is not int or limit < 1):
        raise ValidationError(_("max_tokens must be a whole number of at least 1."))


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
