"""A dataset with a record of every fate, and its report."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from quality import scoring
from quality.evaluation import reports
from quality.models import Evaluation
from synthesis.engine import background
from synthesis.models import Dataset, Record
from synthesis.models.bulk import insert_each
from tests import factories

HOSTILE = "<script>alert(1)</script>\x07😀\u202e=HYPERLINK(1)"
ACCEPTED = [
    ({"text": "Green tea is picked in spring.", "label": "drink"}, 100.0),
    ({"text": "A kettle boils water in four minutes.", "label": "drink"}, 90.0),
    ({"text": "红茶经过完全发酵，汤色红亮。", "label": "drink"}, 95.5),
    ({"text": "Rome was not built in a day", "label": "place"}, 70.0),
    ({"text": "Ok", "label": ""}, 40.0),
    ({"text": "", "label": None}, None),
]
REFUSED = [
    ("malformed", "parse", "not_json"),
    ("malformed", "parse", "not_json"),
    ("malformed", "schema", "schema"),
    ("rejected", "personal", "phone"),
    ("rejected", "score", "below"),
    ("rejected", "judge", "below"),
    ("rejected", "review", "rejected"),
    ("surplus", "", ""),
    ("pending", "", ""),
]


def mixed() -> Dataset:
    """Make 6 accepted records, 3 duplicates of two of them, and those of REFUSED.

    They are stored as they are: what the checks would say of them is not the question here.
    """
    into = factories.dataset()
    accepted = [row(into, content=content, score=score) for content, score in ACCEPTED]
    accepted[1].findings = [{"check": "duplicate", "code": "variant"}]
    insert(accepted)
    exact, near = ({"check": "duplicate", "code": code} for code in ("exact", "near"))
    twins = [(accepted[0], exact), (accepted[0], near), (accepted[3], exact)]
    insert(
        [
            row(into, status="duplicate", duplicate_of=twin, findings=[finding])
            for twin, finding in twins
        ]
    )
    insert(
        [
            row(into, status=status, findings=[{"check": check, "code": code}] if check else [])
            for status, check, code in REFUSED
        ]
    )
    return into


def row(into: Dataset, **fields: Any) -> Record:
    made = Record(dataset=into, **{"content": {"text": "Another one."}, **fields})
    if made.score is not None:
        made.score_parts = dict.fromkeys(scoring.PARTS, int(made.score))
    return made


def insert(rows: list[Record]) -> list[Record]:
    with transaction.atomic():
        insert_each(rows)
    return rows


def report(of: Dataset, field: str = "") -> dict[str, Any]:
    return reports.build(of, field, lambda _done, _total: None)


def evaluated(of: Dataset, **fields: Any) -> Evaluation:
    evaluation = Evaluation.start(of, **fields)
    background.perform_here(evaluation.job)
    return Evaluation.objects.select_related("dataset", "job").get(pk=evaluation.pk)
