from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from synthesis.models import Record
from tests import api, factories

pytestmark = pytest.mark.django_db

RECORDS = "/api/v1/records/"


@pytest.fixture
def editor():
    return api.editor()


def address(record):
    return f"{RECORDS}{record.pk}/"


class TestEditing:
    def test_changes_the_content(self, editor):
        [record] = factories.records(1, of_run=factories.run())
        content = {"question": "茶？", "answer": "是"}
        response = editor.patch(address(record), {"content": content})
        assert (response.status_code, response.json()["content"]) == (200, content)
        assert response.json()["edited_at"]

    def test_goes_through_the_checks_again(self, editor):
        [record] = factories.records(1, of_run=factories.run())
        changed = editor.patch(address(record), {"content": {"question": ""}}).json()
        assert (changed["status"], bool(changed["findings"])) == ("malformed", True)

    def test_into_a_twin_makes_a_duplicate(self, editor):
        first, second = factories.records(2, of_run=factories.run())
        changed = editor.patch(address(second), {"content": first.content}).json()
        assert (changed["status"], changed["duplicate_of"]) == ("duplicate", first.pk)

    def test_keeps_the_counts_of_the_run(self, editor):
        run = factories.run()
        [record] = factories.records(1, of_run=run)
        editor.patch(address(record), {"content": {"question": ""}})
        run.refresh_from_db()
        assert (run.accepted, run.malformed) == (0, 1)

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("status", "rejected"),
            ("findings", [{"code": "forged"}]),
            ("dataset", 0),
            ("run", None),
            ("duplicate_of", 0),
            ("raw", "forged"),
            ("content_hash", "forged"),
        ],
    )
    def test_changes_nothing_else(self, editor, field, value):
        [record] = factories.records(1, of_run=factories.run())
        before = Record.objects.values().get(pk=record.pk)
        editor.patch(address(record), {"content": record.content, field: value})
        after = Record.objects.values().get(pk=record.pk)
        assert {name for name in after if after[name] != before[name]} == {"edited_at"}

    @pytest.mark.parametrize(
        ("order", "sentence"),
        [({}, "This field is required."), ({"content": None}, "This field may not be null.")],
    )
    def test_needs_a_content(self, editor, order, sentence):
        [record] = factories.records(1)
        response = editor.put(address(record), order)
        assert (response.status_code, response.json()["fields"]) == (400, {"content": [sentence]})

    def test_cannot_create_records(self, editor):
        assert editor.post(RECORDS, {"content": {}}).status_code == 405


class TestDeleting:
    def test_takes_the_record_out_of_the_count(self, editor):
        run = factories.run()
        record, _other = factories.records(2, of_run=run)
        assert editor.delete(address(record)).status_code == 204
        run.refresh_from_db()
        assert (run.accepted, Record.objects.count()) == (1, 1)


class TestListing:
    @pytest.mark.parametrize("field", ["dataset", "run", "task", "status"])
    def test_filters(self, editor, field):
        run = factories.run()
        [record] = factories.records(1, of_run=run)
        [other] = factories.records(1)
        Record.objects.filter(pk=other.pk).update(status="rejected")
        values = {"task": run.task_id, "run": run.pk, "dataset": run.dataset_id}
        query = {field: values.get(field, "accepted")}
        results = editor.get(RECORDS, query).json()["results"]
        assert [row["id"] for row in results] == [record.pk]

    @pytest.mark.parametrize(("is_edited", "count"), [("true", 1), ("false", 2)])
    def test_filters_by_edits(self, editor, is_edited, count):
        record = factories.records(3)[0]
        record.save()
        assert len(editor.get(RECORDS, {"is_edited": is_edited}).json()["results"]) == count

    @pytest.mark.parametrize(
        ("query", "count"),
        [
            ({"created_after": "2000-01-01T00:00:00Z"}, 1),
            ({"created_before": "2000-01-01T00:00:00Z"}, 0),
        ],
    )
    def test_filters_by_time(self, editor, query, count):
        factories.records(1)
        assert len(editor.get(RECORDS, query).json()["results"]) == count

    def test_walks_all_pages_once_while_records_come_in(self, editor):
        rows = factories.records(5)
        seen, page = [], editor.get(RECORDS, {"page_size": 2}).json()
        while page["next"]:
            factories.records(1, into=rows[0].dataset)
            seen += page["results"]
            page = editor.get(page["next"]).json()
        seen += page["results"]
        assert [row["id"] for row in seen] == [row.pk for row in reversed(rows)]

    def test_never_counts_the_rows(self, editor):
        factories.records(3)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page = editor.get(RECORDS).json()
        assert list(page) == ["next", "previous", "results"]
        assert not any("COUNT(" in query["sql"].upper() for query in queries)

    def test_asks_the_database_no_more_for_more_rows(self, editor, django_assert_max_num_queries):
        factories.records(20, of_run=factories.run())
        with django_assert_max_num_queries(3):
            assert len(editor.get(RECORDS).json()["results"]) == 20

    def test_refuses_a_broken_cursor(self, editor):
        response = editor.get(RECORDS, {"cursor": "broken"})
        assert (response.status_code, response.json()) == (
            404,
            {"code": "not_found", "detail": "Invalid cursor"},
        )
