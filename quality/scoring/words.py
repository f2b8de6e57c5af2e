"""The parts of the rule score in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

LABELS = {
    "completeness": _("completeness"),
    "length": pgettext_lazy("part of the score", "length"),
    "repetition": _("no repetition"),
    "diversity": _("diversity"),
    "readability": _("readability"),
    "format": pgettext_lazy("part of the score", "format"),
}
EXPLANATIONS = {
    "completeness": _("No field is empty or a placeholder, and no text stops in the middle."),
    "length": _("The texts are as long as what they are: an answer has more than a word or two."),
    "repetition": _("Nothing is said twice: no loops, no runs of a letter, no copied field."),
    "diversity": _("It does not begin as many records of the dataset do."),
    "readability": _("The text is decoded rightly, and made of words and sentences."),
    "format": _("No gap is left to fill in, and no JSON or label is inside a text."),
}


def finding(found: Mapping[str, Any]) -> str:
    """Say that a score is below its minimum."""
    text = gettext("The rule score is %(score)s; at least %(minimum)s is asked for.")
    known = {name: number_format(found.get(name, "")) for name in ("score", "minimum")}
    return text % known
