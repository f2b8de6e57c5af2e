"""What a check said about a record, as a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from quality import duplicate_words, findings_of_content, judging
from quality.scoring import words
from synthesis import parsing, violations
from synthesis.models import Record

SENTENCES = {
    **{f"parse:{code}": sentence for code, sentence in parsing.PROBLEMS.items()},
    "schema:not_an_object": _("The record is not a JSON object."),
    "schema:schema": _("The record does not fit the template's output schema."),
    "duplicate:exact": _("The dataset holds a record with the same content already."),
    **findings_of_content.SENTENCES,
    "review:rejected": _("A reviewer rejected it."),
    "repair:repaired": _("It was sent back to its model, which mended it as a record of its own."),
    "repair:not_repaired": _("It was sent back to its model, which did not mend it."),
}


def deciding(status: str, found: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the finding that a refused record owes its status to; empty when there is none.

    The last one decided, but a person who rejects what the checks refused leaves it as it is.
    """
    by_people = status == Record.Status.REJECTED
    decided = (row for row in reversed(found) if by_people or row.get("check") != "review")
    return next(decided, {})


def sentence(finding: Mapping[str, Any]) -> str:
    """Say what a finding means; a finding nobody knows is shown by its code."""
    if finding.get("check") == "score":
        return words.finding(finding)
    if finding.get("check") == judging.CHECK:
        return judging.sentence(finding)
    if finding.get("check") == "duplicate" and finding.get("code") in duplicate_words.SENTENCES:
        return duplicate_words.sentence(finding)
    key = f"{finding.get('check', '')}:{finding.get('code', '')}"
    known = SENTENCES.get(key)
    text = str(known) if known else gettext("Found by a check: %(code)s.") % {"code": key}
    if key in findings_of_content.SENTENCES:
        return findings_of_content.sentence(text, finding)
    detail = violations.sentence(finding) or finding.get("detail")
    return f"{text} {detail}" if detail else text
