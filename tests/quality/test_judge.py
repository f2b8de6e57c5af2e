"""Whatever way a record comes, it is judged before it is stored."""

from __future__ import annotations

import pytest

from synthesis.models import Record
from synthesis.signals import records_saved, records_saving
from tests import factories

pytestmark = pytest.mark.django_db


def test_judges_one_saved_record_like_a_written_batch():
    run = factories.run()
    row = Record(dataset=run.dataset, run=run, content={"question": "Only this?"})
    row.save()
    assert row.status == "malformed"
    assert row.findings[0]["detail"] == "$: 'answer' is a required property"


def test_judges_an_edited_record_again():
    run = factories.run()
    first, second = factories.records(2, of_run=run)
    second.content = first.content
    second.save()
    second.refresh_from_db()
    run.refresh_from_db()
    assert (second.status, second.duplicate_of) == ("duplicate", first)
    assert (run.accepted, run.duplicate) == (1, 1)
    assert second.edited_at is not None


def test_accepts_a_record_that_was_mended():
    run = factories.run()
    (row,) = Record.objects.write(
        [Record(dataset=run.dataset, run=run, content={"question": "Why?"})],
        dataset=run.dataset,
        run=run,
    )
    row.content = {"question": "Why?", "answer": "Because."}
    row.save()
    run.refresh_from_db()
    assert (row.status, row.findings) == ("accepted", [])
    assert (run.accepted, run.malformed) == (1, 0)


def test_makes_a_mended_record_of_a_full_run_surplus():
    run = factories.run(factories.task(target_count=1))
    factories.records(1, of_run=run)
    (row,) = Record.objects.write(
        [Record(dataset=run.dataset, run=run, content={"question": "Why?"})],
        dataset=run.dataset,
        run=run,
    )
    row.content = {"question": "Why?", "answer": "Because."}
    row.save()
    run.refresh_from_db()
    assert (row.status, run.accepted, run.surplus, run.malformed) == ("surplus", 1, 1, 0)


def test_stores_nothing_when_a_receiver_raises():
    def refuse(**_kwargs):
        raise RuntimeError

    into = factories.dataset()
    records_saving.connect(refuse)
    try:
        with pytest.raises(RuntimeError):
            factories.records(3, into=into)
    finally:
        records_saving.disconnect(refuse)
    assert not into.records.exists()


def test_tells_what_was_saved_only_after_the_commit(django_capture_on_commit_callbacks):
    heard = []

    def listen(record_ids, **_kwargs):
        heard.extend(record_ids)

    records_saved.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            rows = factories.records(3)
            assert heard == []
    finally:
        records_saved.disconnect(listen)
    assert heard == [row.pk for row in rows]


def test_takes_deleted_records_out_of_the_counts():
    run = factories.run()
    rows = factories.records(5, of_run=run)
    Record.objects.filter(pk__in=[row.pk for row in rows[:2]]).delete()
    rows[2].delete()
    run.refresh_from_db()
    assert run.accepted == run.records.accepted().count() == 2


@pytest.mark.parametrize(
    "text", ["a\x00b", "\ud800", "😀" * 5, "</script><script>alert(1)</script>", "\u202e"]
)
def test_stores_any_text_on_either_database(text):
    row = factories.records(1)[0]
    row.content = {"question": text, "answer": float("nan")}
    row.save()
    row.refresh_from_db()
    assert "\x00" not in row.content["question"]
    assert row.content["answer"] is None
