"""A dataset's report, from one pass over its records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.db.models import Count, F, Max

from quality.evaluation import advice, judged, repeats
from quality.evaluation.contents import Contents
from quality.evaluation.counts import GOOD, Outcomes
from quality.scoring.texts import Leaves
from synthesis.models import Dataset, Record

FORMAT = 1
PAGE_RECORDS = 1000
CATEGORISED_RECORDS = 500
WORST_RECORDS = 20
CLUSTERS = 10
EXCERPT_CHARACTERS = 300
# Fields by which a dataset is mostly balanced, the likeliest first.
CATEGORIES = (
    *("category", "label", "class", "sentiment", "intent", "type", "topic", "subject"),
    *("difficulty", "level", "language", "grade"),
    *("类别", "标签", "分类", "情感", "意图", "类型", "主题", "科目", "难度", "等级", "语言"),
)
CATEGORY_SHARE = 0.5

Listener = Callable[[int, int | None], None]


class NothingToEvaluateError(Exception):
    """There is no accepted record; code is one of synthesis.reasons."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


def build(dataset: Dataset, field: str, on_progress: Listener) -> dict[str, Any]:
    """Gather the report; field is the one whose values are counted, empty to find one.

    Records that come in meanwhile are left out.
    Errors: NothingToEvaluateError.
    Cost: reads every record once, in pages, and the accepted ones again to compare them;
    memory does not grow with them but for 0.25 KB an accepted one.
    """
    records = Record.objects.filter(dataset=dataset)
    known = records.aggregate(total=Count("pk"), latest=Max("pk"))
    if not known["total"]:
        raise NothingToEvaluateError("evaluation_empty")
    outcomes, contents = Outcomes(), Contents(field or category_of(dataset))
    total, latest = known["total"], known["latest"]
    gather(dataset, latest, outcomes, contents, lambda n: on_progress(n, 2 * total))
    if not contents.count:
        raise NothingToEvaluateError("evaluation_nothing_accepted", str(outcomes.made))
    report = {
        "format": FORMAT,
        "dataset": {"id": dataset.pk, "name": dataset.name},
        "latest_record": known["latest"],
        "records": outcomes.made,
        "accepted": contents.count,
        "statuses": dict(outcomes.statuses),
        "waterfall": outcomes.waterfall(),
        "findings": outcomes.finding_rows(),
        "duplicates": duplicates(dataset, outcomes),
        "repeats": repeats.section(
            dataset, latest, lambda n, of: on_progress(total + total * n // max(1, of), 2 * total)
        ),
        "reviews": reviews(dataset),
        "lengths": contents.length_section(),
        "languages": contents.language_section(),
        "balance": contents.balance_section(),
        "fields": contents.field_section(),
        "diversity": contents.diversity_section(),
        "scores": contents.score_section(),
        "judge": judged.section(dataset),
        "worst": worst(dataset),
    }
    return {**report, "advice": advice.of(report)}


def gather(
    dataset: Dataset,
    latest: int,
    outcomes: Outcomes,
    contents: Contents,
    on_progress: Callable[[int], None],
) -> None:
    for status in Record.Status.values:
        is_good = status in GOOD
        fields = ("findings", "content", "score", "score_parts") if is_good else ("findings",)
        for page in pages(dataset, status, latest, fields):
            for _pk, findings, *rest in page:
                outcomes.add(status, findings)
                if is_good:
                    contents.add(*rest)
            on_progress(outcomes.made)


def pages(
    dataset: Dataset, status: str, latest: int, fields: tuple[str, ...]
) -> Iterator[list[tuple[Any, ...]]]:
    """Page by the index of statuses, so that a dataset costs the same in a table of any size."""
    rows = Record.objects.filter(dataset=dataset, status=status, pk__lte=latest).order_by("pk")
    rows = rows.values_list("pk", *fields)
    after = 0
    while page := list(rows.filter(pk__gt=after)[:PAGE_RECORDS]):
        yield page
        after = page[-1][0]


def category_of(dataset: Dataset) -> str:
    """Name the field that the records are likely sorted by; empty when none is."""
    newest = Record.objects.accepted().filter(dataset=dataset).order_by("-pk")
    contents = list(newest.values_list("content", flat=True)[:CATEGORISED_RECORDS])
    names = Counter(
        name
        for content in contents
        if isinstance(content, Mapping)
        for name, value in content.items()
        if value and isinstance(value, str | int)
    )
    wanted = (name for category in CATEGORIES for name in names if name.lower() == category)
    return next((name for name in wanted if names[name] >= CATEGORY_SHARE * len(contents)), "")


def duplicates(dataset: Dataset, outcomes: Outcomes) -> dict[str, Any]:
    """Count copies by how alike they are, and list the records with the most of them."""
    twins = (
        Record.objects.filter(
            dataset=dataset, status=Record.Status.DUPLICATE, duplicate_of__isnull=False
        )
        .order_by()
        .values(record=F("duplicate_of"))
        .annotate(copies=Count("pk"))
    )
    codes = outcomes.lost["unique"]
    return {
        "records": outcomes.statuses[Record.Status.DUPLICATE],
        "exact": codes["duplicate:exact"],
        "near": codes["duplicate:near"],
        "variants": outcomes.findings["duplicate:variant"],
        "clusters": twins.count(),
        "largest": list(twins.order_by("-copies", "record")[:CLUSTERS]),
    }


def reviews(dataset: Dataset) -> dict[str, int]:
    """Count the accepted records by what people said of them."""
    accepted = Record.objects.accepted().filter(dataset=dataset).order_by()
    return dict(accepted.values_list("review").annotate(records=Count("pk")).order_by("review"))


def worst(dataset: Dataset) -> list[dict[str, Any]]:
    """List the accepted records with the lowest scores, with how they begin."""
    scored = Record.objects.accepted().filter(dataset=dataset, score__isnull=False)
    return [
        {
            "record": record.pk,
            "score": record.score,
            "parts": record.score_parts,
            "excerpt": excerpt(record.content),
        }
        for record in scored.order_by("score", "pk")[:WORST_RECORDS]
    ]


def excerpt(content: Any) -> str:
    text = " · ".join(leaf.text for leaf in Leaves(content).leaves)
    text = " ".join(text[: EXCERPT_CHARACTERS * 4].split())
    return text if len(text) <= EXCERPT_CHARACTERS else f"{text[:EXCERPT_CHARACTERS]}…"
