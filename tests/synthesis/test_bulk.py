from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from synthesis.models import Call, Record
from synthesis.models.bulk import copies, insert_each, update_each
from tests import factories

pytestmark = pytest.mark.django_db


def test_copies_are_what_the_constructor_would_have_made():
    made = Record(dataset_id=7, category="math", findings=[])
    for copy in copies(made, 2):
        assert (type(copy), copy.pk, copy._state.adding) == (Record, None, True)
        for field in Record._meta.concrete_fields:
            assert getattr(copy, field.attname) == getattr(made, field.attname)


def test_copies_share_neither_lists_nor_what_is_cached_of_relations():
    into = factories.dataset()
    first, second = copies(Record(dataset_id=into.pk, score_parts={"length": 1}), 2)
    first.findings.append("one")
    first.score_parts["length"] = 2
    assert (second.findings, second.score_parts) == ([], {"length": 1})
    assert first.dataset == into
    assert not Record.dataset.is_cached(second)


def test_inserts_rows_as_the_orm_would_read_them():
    into = factories.dataset()
    content = {"text": '引号" 反斜杠\\ tab\t line\nend', "number": 1.5, "none": None, "list": [1]}
    rows = [Record(dataset=into, content=content), Record(dataset=into, content=None)]
    with transaction.atomic():
        insert_each(rows)
    first, second = Record.objects.filter(dataset=into).order_by("pk")
    assert (first.pk, second.pk) == (rows[0].pk, rows[1].pk)
    assert (first.content, second.content) == (content, None)
    assert abs(first.created_at - timezone.now()) < datetime.timedelta(minutes=1)


def test_takes_ids_that_the_orm_goes_on_from():
    into = factories.dataset()
    with transaction.atomic():
        insert_each([Record(dataset=into, content={}) for _row in range(3)])
    later = Record.objects.bulk_create([Record(dataset=into, content={})])[0]
    assert later.pk == max(Record.objects.values_list("pk", flat=True))
    assert Record.objects.count() == 4


def test_inserts_nothing_from_an_empty_list():
    insert_each([])
    update_each([], ["state"])
    assert not Record.objects.exists()


def test_updates_each_row_with_values_of_its_own():
    run = factories.run()
    model = run.task.mix()[0].language_model
    batch = run.batches.create(index=1, requested=1, seed=1, language_model=model)
    calls = [
        Call(
            run=run,
            batch=batch,
            provider=model.provider,
            language_model=model,
            number=number,
            token=number,
            started_at=timezone.now(),
        )
        for number in (1, 2)
    ]
    insert_each(calls)
    for call in calls:
        call.cost, call.response = Decimal(call.number) / 8, bytes([0, 255, call.number])
    update_each(calls, ["cost", "response"])
    stored = Call.objects.order_by("number")
    assert [row.cost for row in stored] == [Decimal("0.125"), Decimal("0.25")]
    assert [bytes(row.response) for row in stored] == [b"\x00\xff\x01", b"\x00\xff\x02"]


def test_keeps_the_order_of_names_on_either_database():
    content = {"zebra": 1, "reasoning": "First.", "answer": "Then.", "b": {"z": 1, "a": 2}}
    row = factories.records(1)[0]
    row.content = content
    row.save()
    stored = Record.objects.get(pk=row.pk).content
    assert list(stored) == ["zebra", "reasoning", "answer", "b"]
    assert list(stored["b"]) == ["z", "a"]
    assert Record.objects.filter(content__reasoning="First.").get() == row
