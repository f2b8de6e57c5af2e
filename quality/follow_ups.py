"""What came of the calls about a run's records: repairs that mended, judges that are waited for."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db.models import Count, F, Sum
from django.utils.translation import gettext as _

from quality import judge_work, judging
from synthesis.models import Batch, Run

BATCHES_EXPLAINED = 500
MADE = sum((F(name) for name in Batch.COUNTERS[1:]), F(Batch.COUNTERS[0]))

Calls = dict[tuple[str, str], dict[str, Any]]


def calls_of(run: Run) -> Calls:
    """Count a run's batches about records by kind and state. Cost: one query."""
    rows = run.batches.exclude(kind=Batch.Kind.GENERATE).order_by().values("kind", "state")
    counted = rows.annotate(
        batches=Count("pk"), made=Sum(MADE, default=0), malformed=Sum("malformed", default=0)
    )
    return {(row["kind"], row["state"]): row for row in counted}


def repairs(calls: Calls) -> str:
    """Say what the repair round brought; empty where nothing was sent back."""
    of_kind = [row for (kind, _state), row in calls.items() if kind == Batch.Kind.REPAIR]
    if not of_kind:
        return ""
    failed = calls.get((Batch.Kind.REPAIR, Batch.State.FAILED), {"batches": 0})
    return _(
        "Sent back to their models: %(asked)s. Mended: %(mended)s, not mended: %(malformed)s, no"
        " answer: %(failed)s."
    ) % {
        "asked": sum(row["batches"] for row in of_kind),
        "mended": sum(row["made"] - row["malformed"] for row in of_kind),
        "malformed": sum(row["malformed"] for row in of_kind),
        "failed": failed["batches"],
    }


def waiting(run: Run, calls: Calls) -> tuple[list[tuple[str, int]], str]:
    """Say why records wait for their judge, and what helps where judgements failed.

    Cost: two queries where any failed.
    """
    failed = Counter[str]()
    if (Batch.Kind.JUDGE, Batch.State.FAILED) in calls:
        failed = failed_judgements(run)
    others = run.pending - failed.total()
    reasons = failed.most_common()
    if others > 0:
        reasons.append((_("The judge has not answered yet."), others))
    note = _("Mend the cause, then retry the failed batches: the judge is asked anew.")
    return reasons, note if failed else ""


def failed_judgements(run: Run) -> Counter[str]:
    """Count the records that wait because a judgement failed, by what was wrong with it."""
    batches = run.batches.failed().filter(kind=Batch.Kind.JUDGE).order_by("-pk")
    columns = ("subject", "error_code", "error_detail")
    rows = list(batches.only(*columns)[:BATCHES_EXPLAINED])
    named = {pk for batch in rows for pk in batch.subject}
    left = set(run.records.filter(pk__in=named, status="pending").values_list("pk", flat=True))
    found: Counter[str] = Counter()
    for batch in rows:
        records = left & set(batch.subject)
        left -= records
        if records:
            code, _detail = judge_work.reason_of(batch)
            found[judging.problem(code, "")] += len(records)
    return found
