"""Entry point of the background job that searches, applies and undoes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.utils.translation import gettext_lazy as _

from quality.deduplication import changes, search
from quality.deduplication.search import Comparison, Copy
from quality.models import Deduplication, Repeat
from synthesis.engine.background import Assignment, JobFailedError
from synthesis.models.bulk import insert_each

PAGE_REPEATS = 500
REASONS = {
    "deduplication_gone": _("The deduplication was deleted before it had ended."),
}


def deduplicate(assignment: Assignment) -> None:
    rows = Deduplication.objects.select_related("dataset")
    order = rows.filter(pk=assignment.job.arguments["deduplication"]).first()
    if order is None:
        raise JobFailedError("deduplication_gone")
    steps = {
        Deduplication.Step.SEARCH: look,
        Deduplication.Step.APPLY: apply,
        Deduplication.Step.UNDO: undo,
    }
    steps[assignment.job.arguments["step"]](assignment, order)


def look(assignment: Assignment, order: Deduplication) -> None:
    """Search anew, and store what repeats what; a worker that died before has left a part."""
    with assignment.commit():
        order.repeats.all().delete()
    searched = 0

    def report(done: int, total: int) -> None:
        nonlocal searched
        searched = total // 2
        assignment.report(done, total)

    for copies in search.find(order.dataset, comparison_of(order), order.keep, report):
        with assignment.commit():
            insert_each([repeat_of(copy, order) for copy in copies])
    with assignment.commit():
        order.finish_step(searched)


def comparison_of(order: Deduplication) -> Comparison:
    return Comparison.of(order.dataset, order.threshold, order.compared_fields)


def repeat_of(copy: Copy, order: Deduplication) -> Repeat:
    return Repeat(
        deduplication=order,
        record=copy.record,
        kept=copy.kept,
        code=changes.EXACT if copy.is_exact else changes.NEAR,
        similarity=copy.likeness.similarity,
    )


def apply(assignment: Assignment, order: Deduplication) -> None:
    comparison = comparison_of(order)
    go_through(
        assignment,
        order,
        Repeat.State.FOUND,
        lambda rows: changes.remove(rows, comparison),
    )


def undo(assignment: Assignment, order: Deduplication) -> None:
    go_through(
        assignment,
        order,
        Repeat.State.REMOVED,
        lambda rows: changes.restore(rows, order),
    )


def go_through(
    assignment: Assignment,
    order: Deduplication,
    state: str,
    change: Callable[[Sequence[Repeat]], None],
) -> None:
    """Change the rows of a state page by page, each page as one, until none is left."""
    rows = order.repeats.filter(state=state).order_by("pk")
    total, done = rows.count(), 0
    while True:
        with assignment.commit():
            order.dataset.lock()
            page = list(rows[:PAGE_REPEATS])
            change(page)
            if not page:
                order.finish_step()
        done += len(page)
        assignment.report(done, total)
        if not page:
            return
