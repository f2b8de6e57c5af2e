"""Judges asked anew about records that wait because a judgement failed."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from synthesis import jobs
from synthesis.models import Batch, Record, Run


def judge_again(records: QuerySet[Record]) -> int:
    """Plan failed judgements of waiting records anew, and resume their runs; return the records.

    Records that share a call with a chosen one are judged with it. The judge and its pass mark
    are those that the run started with.
    """
    waiting = records.order_by().filter(status=Record.Status.PENDING, run__isnull=False)
    runs = Run.objects.filter(pk__in=waiting.values("run")).exclude(status__in=Run.FINAL)
    return sum(of_run(run, waiting.filter(run=run)) for run in runs.order_by("pk"))


def of_run(run: Run, waiting: QuerySet[Record]) -> int:
    with transaction.atomic():
        locked = Run.objects.select_for_update().get(pk=run.pk)
        wanted = set(waiting.values_list("pk", flat=True))
        failed = run.batches.failed().filter(kind=Batch.Kind.JUDGE)
        subjects = dict(failed.values_list("pk", "subject"))
        chosen = {pk: wanted & set(subject) for pk, subject in subjects.items()}
        batches = [pk for pk, records in chosen.items() if records]
        if batches:
            Batch.objects.filter(pk__in=batches).replan()
            if locked.status in Run.RESUMABLE:
                locked.resume()
            else:
                jobs.wake()
    return len(set().union(*chosen.values()))
