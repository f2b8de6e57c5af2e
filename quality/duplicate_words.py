"""What the search for duplicates says about a record, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

SENTENCES = {
    "near": gettext_lazy(
        "The dataset holds a record that says the same in other words: %(percent)s %% are common."
    ),
    "variant": gettext_lazy("A variant of another record: %(reason)s"),
}
REASONS = {
    "number": gettext_lazy("another number."),
    "negation": gettext_lazy("one of them denies."),
    "unit": gettext_lazy("another unit."),
    "option": gettext_lazy("another option."),
    "name": gettext_lazy("another name."),
    "opposite": gettext_lazy("the opposite word."),
    "payload": gettext_lazy("other words where it matters."),
}


def sentence(finding: Mapping[str, Any]) -> str:
    reason = str(REASONS.get(finding.get("reason", ""), finding.get("reason", "")))
    ours, theirs = finding.get("ours", ""), finding.get("theirs", "")
    if ours and theirs:
        words = {"ours": ours, "theirs": theirs, "reason": reason}
        reason = _("%(reason)s Here “%(ours)s”, there “%(theirs)s”.") % words
    percent = round(100 * float(finding.get("similarity", 0)))
    return str(SENTENCES[finding["code"]]) % {"percent": percent, "reason": reason}
