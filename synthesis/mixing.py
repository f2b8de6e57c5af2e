"""The job that draws a mixture: copies of records, until every row has its count."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from django.utils.translation import gettext_lazy as _

from synthesis import copying
from synthesis.drawing import Draws
from synthesis.engine.background import Assignment, JobFailedError
from synthesis.models import Mixture, MixtureRow, Record
from synthesis.models.mixture import SHORT
from synthesis.models.mixture_row import MOST_IN_VAIN

PAGE_RECORDS = 500
REASONS = {
    "mixture_gone": _("The mixture was deleted before it was drawn."),
    SHORT: _(
        "Only {detail} records could be drawn; the rows say why. Ask for fewer, filter less,"
        " or take what is there."
    ),
}


def mix(assignment: Assignment) -> None:
    """Draw all rows anew; what an earlier attempt stored is taken back first.

    Errors: JobFailedError when a row stays short and that is not accepted.
    """
    mixtures = Mixture.objects.with_progress()
    mixture = mixtures.filter(pk=assignment.job.arguments["mixture"]).first()
    if mixture is None:
        raise JobFailedError("mixture_gone")
    take_back(assignment, mixture)
    rows = list(mixture.rows.all())
    if not mixture.accepts_shortage:
        foreseen = sum(forecast.drawable for _row, forecast in mixture.forecasts())
        refuse_shortage(mixture, foreseen)
    draws = Draws(rows, mixture.seed)
    with assignment.commit():
        for row in rows:
            row.begin(draws.found[row.position])
    for row in draws.rows:
        for page in pages(row, draws.of(row)):
            store(assignment, mixture, row, page)
            assignment.report(mixture.accepted_count, mixture.total)
    refuse_shortage(mixture, mixture.accepted_count)
    with assignment.commit():
        mixture.complete()


def take_back(assignment: Assignment, mixture: Mixture) -> None:
    stored = mixture.records.order_by("pk").values_list("pk", flat=True)
    while ids := list(stored[:PAGE_RECORDS]):
        with assignment.commit():
            Record.objects.filter(pk__in=ids).delete()
        assignment.report(0, mixture.total)


def refuse_shortage(mixture: Mixture, count: int) -> None:
    if count < mixture.total and not mixture.accepts_shortage:
        raise JobFailedError(SHORT, f"{count}/{mixture.total}")


def pages(row: MixtureRow, drawn: Iterator[int]) -> Iterator[list[int]]:
    """Yield ids to copy for as long as the row misses any; what is refused is drawn anew.

    Where the checks refuse one after the other it ends: every refused copy is stored.
    """
    in_vain = 0
    while in_vain < MOST_IN_VAIN and (page := list(islice(drawn, page_size(row)))):
        before = row.missing
        yield page
        in_vain = in_vain + len(page) if row.missing == before else 0


def page_size(row: MixtureRow) -> int:
    return min(PAGE_RECORDS, row.missing)


def store(assignment: Assignment, mixture: Mixture, row: MixtureRow, page: list[int]) -> None:
    """Write the copies of a page, and say on the row how many the checks let pass."""
    known = Record.objects.accepted().only(*copying.COPIED, *copying.WORDS).in_bulk(page)
    origins = [known[pk] for pk in page if pk in known]
    copies = [copying.copy_of(origin, mixture.dataset, mixture) for origin in origins]
    for copy in copies:
        copy.category = row.label or copy.category
    with assignment.commit():
        Record.objects.write(copies, dataset=mixture.dataset)
        copying.keep_words(copies, origins)
        accepted = sum(copy.status == Record.Status.ACCEPTED for copy in copies)
        row.add(accepted, len(page) - accepted)
