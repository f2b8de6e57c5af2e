"""What must hold before a mixture is saved, as sentences per row and field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from synthesis import drawing
from synthesis.content_rules import Problems
from synthesis.models import Mixture, MixtureRow
from synthesis.models.ratio import MOST_CATEGORIES, RatioTask
from synthesis.share_rules import RatioRefusedError, divide

RANGES = (
    ("score_from", "score_to"),
    ("judge_from", "judge_to"),
    ("created_from", "created_to"),
)


@dataclass(frozen=True, kw_only=True)
class Plan:
    total: int
    rows: list[MixtureRow]


def plan(mixture: Mixture, rows: Sequence[MixtureRow]) -> Plan:
    """Give unsaved rows their places, shares and counts.

    A shortage that the mixture does not accept is refused here, before anything is stored.
    Errors: RatioRefusedError.
    """
    split = mixture.split
    found = [row_problems(mixture, row) for row in rows]
    if whole := number_problems(rows):
        raise RatioRefusedError(whole, found)
    # Counts make the total; the one that was typed before them does not matter.
    total = mixture.total if split == RatioTask.Split.SHARES else None
    parts = divide(rows, split=split, total=total, found=found)
    for position, (row, share, count) in enumerate(zip(rows, *parts, strict=True)):
        row.position, row.share, row.count = position, share, count
    if not mixture.accepts_shortage:
        refuse_shortage(mixture, rows)
    return Plan(total=sum(row.count for row in rows), rows=list(rows))


def refuse_shortage(mixture: Mixture, rows: Sequence[MixtureRow]) -> None:
    forecasts = drawing.forecasts(rows, mixture.seed)
    sentences = [row.foreseen_shortage(forecasts[row.position]) for row in rows]
    if any(sentences):
        text = _("Ask for fewer records, filter less, or choose “take what is there”.")
        problems = [{"source": [sentence]} if sentence else {} for sentence in sentences]
        raise RatioRefusedError({"categories": [text]}, problems)


def number_problems(rows: Sequence[MixtureRow]) -> Problems:
    if not rows:
        return {"categories": [_("Add at least one source.")]}
    if len(rows) > MOST_CATEGORIES:
        return {"categories": [_("At most %(limit)s sources.") % {"limit": MOST_CATEGORIES}]}
    return {}


def row_problems(mixture: Mixture, row: MixtureRow) -> Problems:
    found = filter_problems(row)
    if row.source_id is None:
        found["source"] = [_("Choose a dataset.")]
    elif row.source_id == mixture.dataset_id:
        found["source"] = [_("The output dataset cannot be a source too. Choose another one.")]
    if mixture.split == RatioTask.Split.COUNTS and not (row.count or 0) > 0:
        found["count"] = [_("Say how many records this source is to give.")]
    if mixture.split == RatioTask.Split.SHARES and not (row.share or 0) > 0:
        found["share"] = [_("Give a share above 0%.")]
    return found


def filter_problems(row: MixtureRow) -> Problems:
    found: Problems = {}
    for first, latest in RANGES:
        low, high = getattr(row, first), getattr(row, latest)
        if low is not None and high is not None and low > high:
            found[latest] = [_("The end lies before the start.")]
    if row.field and not row.text:
        found["text"] = [_("Say what the field is to contain.")]
    if row.text and not row.field:
        found["field"] = [_("Name the field that is to contain it.")]
    return found
