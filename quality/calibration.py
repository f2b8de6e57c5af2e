"""Do a dataset's judges decide as people do, and as each other; which pass mark would be best?"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import OuterRef, Subquery

from quality import agreement
from quality.agreement import Mark
from quality.models import Judgement
from synthesis.models import Dataset, Record

MOST_RECORDS = 10_000


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """What the latest records say on which both a judge and a person decided."""

    records: int
    agreed_share: float
    kappa: float | None
    suggested: Mark | None


def calibration(dataset: Dataset) -> Calibration | None:
    """Compare the first judge's verdicts with people's; None where no record has both.

    Cost: one query.
    """
    rows = (
        Judgement.objects.filter(
            record__dataset=dataset,
            state=Judgement.State.SCORED,
            position=Judgement.Position.FIRST,
        )
        .exclude(record__review=Record.Review.UNREVIEWED)
        .order_by("-pk")
        .values_list("score", "passed", "record__review")[:MOST_RECORDS]
    )
    decided = [(score, passed, said == Record.Review.APPROVED) for score, passed, said in rows]
    if not decided:
        return None
    pairs = [(passed, approved) for _score, passed, approved in decided]
    return Calibration(
        records=len(decided),
        agreed_share=agreement.agreed_share(pairs) or 0.0,
        kappa=agreement.kappa(pairs),
        suggested=agreement.suggested_mark([(score, is_ok) for score, _passed, is_ok in decided]),
    )


@dataclass(frozen=True, kw_only=True)
class JudgesCompared:
    """How two judges who did not see each other's word scored the same latest records."""

    records: int
    agreed_share: float  # of the records, that both passed or both did not
    kappa: float | None  # of the scores, a near miss weighing less than a far one


def judges_compared(dataset: Dataset) -> JudgesCompared | None:
    """Compare the second judge's word with the first one's; None where there is no second.

    Cost: one query.
    """
    scored = Judgement.objects.filter(state=Judgement.State.SCORED)
    first = scored.filter(record=OuterRef("record"), position=Judgement.Position.FIRST)
    rows = (
        scored.filter(position=Judgement.Position.SECOND, record__dataset=dataset)
        .annotate(
            first_score=Subquery(first.order_by("-pk").values("score")[:1]),
            first_passed=Subquery(first.order_by("-pk").values("passed")[:1]),
        )
        .exclude(first_score=None)
        .order_by("-pk")
        .values_list("first_score", "score", "first_passed", "passed")[:MOST_RECORDS]
    )
    found = list(rows)
    if not found:
        return None
    return JudgesCompared(
        records=len(found),
        agreed_share=agreement.agreed_share([row[2:] for row in found]) or 0.0,
        kappa=agreement.weighted_kappa([row[:2] for row in found]),
    )
