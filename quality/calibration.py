"""Do a dataset's judges decide as its reviewers do, and which pass mark would come closest?"""

from __future__ import annotations

from dataclasses import dataclass

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
