"""Filters, searches, orders and pages of every list of the API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User

from synthesis.models import Dataset, PromptTemplate, Record, SynthesisTask
from tests import api, factories

pytestmark = pytest.mark.django_db

V1 = "/api/v1/"
NUMBERED = ("providers", "language-models", "templates", "tasks", "runs", "datasets")
KEYED = ("records", "batches")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def viewer():
    return api.client("view")


def found(client, resource, **query):
    response = client.get(f"{V1}{resource}/", query)
    assert response.status_code == 200, response.content
    return [row["id"] for row in response.json()["results"]]


def refused(client, resource, **query):
    response = client.get(f"{V1}{resource}/", query)
    assert (response.status_code, response.json()["code"]) == (400, "invalid")
    return response.json()["fields"]


def batch(run, index=1, **fields):
    fields.setdefault("language_model_id", run.mix[0]["language_model"])
    return run.batches.create(index=index, requested=1, seed=1, **fields)


class TestTasks:
    @pytest.mark.parametrize("status", ["pending", "paused", "completed", "stalled", "cancelled"])
    def test_of_one_status(self, viewer, status):
        factories.task()
        factories.run(status="running")
        wanted = factories.run(status=status)
        assert found(viewer, "tasks", status=status) == [wanted.task_id]

    def test_are_of_the_status_of_their_latest_run(self, viewer):
        run = factories.run(status="failed")
        run.task.start()
        assert found(viewer, "tasks", status="failed") == []

    def test_of_one_dataset(self, viewer):
        task, _other = factories.task(), factories.task()
        assert found(viewer, "tasks", dataset=task.dataset_id) == [task.pk]

    def test_of_any_version_of_a_template(self, viewer):
        template = factories.template()
        first = factories.task(template=template)
        template.prompt = "Write {count} others about {topic}."
        template.save()
        second = factories.task(template=template)
        factories.task()
        assert found(viewer, "tasks", template=template.pk) == [second.pk, first.pk]

    def test_of_one_output_format(self, viewer):
        task, _other = factories.task(output_format="csv"), factories.task()
        assert found(viewer, "tasks", output_format="csv") == [task.pk]

    def test_of_all_filters_together(self, viewer):
        dataset = factories.dataset()
        factories.task(dataset=dataset, output_format="json")
        both = factories.task(dataset=dataset, output_format="csv")
        assert found(viewer, "tasks", dataset=dataset.pk, output_format="csv") == [both.pk]

    @pytest.mark.parametrize("query", ["grün", "described", "TEMPLATE OF ITS OWN"])
    def test_are_found_by_name_description_and_template(self, viewer, query):
        template = factories.template(name="Template of its own")
        task = factories.task(name="grün", description="As described", template=template)
        factories.task()
        assert found(viewer, "tasks", search=query) == [task.pk]

    def test_are_found_by_all_words_of_a_search(self, viewer):
        both = factories.task(name="green tea")
        factories.task(name="green coffee")
        assert found(viewer, "tasks", search="tea green") == [both.pk]

    def test_are_found_by_chinese_words(self, viewer):
        task, _other = factories.task(name="绿茶问答"), factories.task(name="咖啡")
        assert found(viewer, "tasks", search="茶问") == [task.pk]

    @pytest.mark.parametrize("field", ["id", "name", "created_at", "updated_at", "target_count"])
    def test_are_ordered(self, viewer, field):
        rows = [factories.task(name=name, target_count=n) for n, name in enumerate("abc", start=1)]
        for days, row in enumerate(rows):
            moment = NOON + timedelta(days=days)
            SynthesisTask.objects.filter(pk=row.pk).update(created_at=moment, updated_at=moment)
        ids = [row.pk for row in rows]
        assert found(viewer, "tasks", ordering=field) == ids
        assert found(viewer, "tasks", ordering=f"-{field}") == ids[::-1]


class TestRuns:
    @pytest.mark.parametrize("field", ["task", "dataset", "status"])
    def test_of_one(self, viewer, field):
        run, _other = factories.run(status="paused"), factories.run()
        value = {"task": run.task_id, "dataset": run.dataset_id, "status": "paused"}[field]
        assert found(viewer, "runs", **{field: value}) == [run.pk]

    def test_are_found_by_the_name_of_their_task(self, viewer):
        run = factories.run(factories.task(name="Jasmine"))
        factories.run()
        assert found(viewer, "runs", search="jasm") == [run.pk]

    @pytest.mark.parametrize("field", ["id", "created_at", "finished_at"])
    def test_are_ordered(self, viewer, field):
        moments = [NOON + timedelta(hours=hours) for hours in range(3)]
        ids = [factories.run(created_at=at, finished_at=at).pk for at in moments]
        assert found(viewer, "runs", ordering=field) == ids
        assert found(viewer, "runs", ordering=f"-{field}") == ids[::-1]


class TestBatches:
    @pytest.mark.parametrize("state", ["planned", "running", "done", "failed", "cancelled"])
    def test_of_one_state(self, viewer, state):
        run = factories.run()
        states = ["planned", "running", "done", "failed", "cancelled"]
        rows = {name: batch(run, index, state=name) for index, name in enumerate(states)}
        assert found(viewer, "batches", state=state) == [rows[state].pk]

    def test_of_one_model(self, viewer):
        run, other = factories.run(), factories.language_model()
        batch(run, 1)
        wanted = batch(run, 2, language_model_id=other.pk)
        assert found(viewer, "batches", language_model=other.pk) == [wanted.pk]


class TestRecords:
    @pytest.mark.parametrize("status", Record.Status.values)
    def test_of_one_status(self, viewer, status):
        rows = factories.records(len(Record.Status.values))
        for row, value in zip(rows, Record.Status.values, strict=True):
            Record.objects.filter(pk=row.pk).update(status=value)
        wanted = Record.objects.get(status=status)
        assert found(viewer, "records", status=status) == [wanted.pk]

    def test_of_one_batch(self, viewer):
        run = factories.run()
        first, second = batch(run, 1), batch(run, 2)
        factories.records(1, of_run=run, batch=first)
        [wanted] = factories.records(1, of_run=run, batch=second)
        assert found(viewer, "records", batch=second.pk) == [wanted.pk]

    def test_of_one_model(self, viewer):
        models = [factories.language_model(), factories.language_model()]
        rows = [factories.records(1, language_model=model)[0] for model in models]
        assert found(viewer, "records", language_model=models[0].pk) == [rows[0].pk]

    # The start belongs to the time asked, the end does not.
    @pytest.mark.parametrize(
        ("field", "seconds", "is_found"),
        [
            ("created_after", -1, True),
            ("created_after", 0, True),
            ("created_after", 1, False),
            ("created_before", -1, False),
            ("created_before", 0, False),
            ("created_before", 1, True),
        ],
    )
    def test_of_a_time(self, viewer, field, seconds, is_found):
        [record] = factories.records(1)
        Record.objects.update(created_at=NOON)
        moment = (NOON + timedelta(seconds=seconds)).isoformat()
        assert found(viewer, "records", **{field: moment}) == [record.pk] * is_found

    def test_of_a_time_in_another_zone(self, viewer):
        [record] = factories.records(1)
        Record.objects.update(created_at=NOON)
        assert found(viewer, "records", created_after="2026-03-01T20:00:00+08:00") == [record.pk]
        assert found(viewer, "records", created_after="2026-03-01T20:00:01+08:00") == []

    def test_of_all_runs_of_a_task(self, viewer):
        first = factories.run(status="completed")
        second = first.task.start()
        ids = [factories.records(1, of_run=run)[0].pk for run in (first, second)]
        factories.records(1, of_run=factories.run())
        assert found(viewer, "records", task=first.task_id) == ids[::-1]

    def test_keep_the_filter_over_pages(self, viewer):
        dataset = factories.dataset()
        rows = factories.records(3, into=dataset)
        factories.records(3)
        page = viewer.get(f"{V1}records/", {"dataset": dataset.pk, "page_size": 2}).json()
        rest = viewer.get(page["next"]).json()
        ids = [row["id"] for row in page["results"] + rest["results"]]
        assert (ids, rest["next"]) == ([row.pk for row in reversed(rows)], None)

    def test_are_walked_back_too(self, viewer):
        factories.records(4)
        first = viewer.get(f"{V1}records/", {"page_size": 2}).json()
        second = viewer.get(first["next"]).json()
        assert viewer.get(second["previous"]).json()["results"] == first["results"]


class TestKeyedOrders:
    @pytest.mark.parametrize("resource", KEYED)
    @pytest.mark.parametrize(("order", "step"), [("id", 1), ("-id", -1)])
    def test_by_id_go_both_ways(self, viewer, resource, order, step):
        run = factories.run()
        ids = [batch(run, index).pk for index in range(3)]
        if resource == "records":
            ids = [row.pk for row in factories.records(3, of_run=run)]
        assert found(viewer, resource, ordering=order) == ids[::step]

    # A page starts after the last one's id: any other order would lose or repeat rows.
    @pytest.mark.parametrize("field", ["dataset", "content", "edited_at", "status"])
    def test_by_anything_else_are_passed_over(self, viewer, field):
        ids = [factories.records(1)[0].pk for _record in range(3)]
        page = viewer.get(f"{V1}records/", {"ordering": field, "page_size": 1}).json()
        walked = page["results"]
        while page["next"] and len(walked) <= len(ids):
            page = viewer.get(page["next"]).json()
            walked += page["results"]
        assert [row["id"] for row in walked] == ids[::-1]


class TestTemplates:
    @pytest.mark.parametrize(
        ("field", "value"), [("type", "summary"), ("is_enabled", "false"), ("is_starter", "true")]
    )
    def test_of_one(self, viewer, field, value):
        row = factories.template(type="summary", is_enabled=False)
        PromptTemplate.objects.filter(pk=row.pk).update(is_starter=True)
        factories.template()
        assert found(viewer, "templates", **{field: value}) == [row.pk]

    def test_are_found_by_what_the_prompt_says(self, viewer):
        row = factories.template(prompt="Brew {count} cups of oolong.", variables=[])
        factories.template()
        assert found(viewer, "templates", search="oolong") == [row.pk]

    @pytest.mark.parametrize("field", ["id", "name", "created_at", "updated_at"])
    def test_are_ordered(self, viewer, field):
        ids = []
        for days, name in enumerate("abc"):
            row, moment = factories.template(name=name), NOON + timedelta(days=days)
            PromptTemplate.objects.filter(pk=row.pk).update(created_at=moment, updated_at=moment)
            ids.append(row.pk)
        assert found(viewer, "templates", ordering=field) == ids
        assert found(viewer, "templates", ordering=f"-{field}") == ids[::-1]


class TestDatasets:
    @pytest.mark.parametrize("field", ["id", "name", "created_at"])
    def test_are_ordered(self, viewer, field):
        rows = [factories.dataset(name) for name in "abc"]
        for days, row in enumerate(rows):
            Dataset.objects.filter(pk=row.pk).update(created_at=NOON + timedelta(days=days))
        ids = [row.pk for row in rows]
        assert found(viewer, "datasets", ordering=field) == ids
        assert found(viewer, "datasets", ordering=f"-{field}") == ids[::-1]

    @pytest.mark.parametrize("wild", ["%", "_", "a%c", "\\"])
    def test_are_not_found_by_the_databases_wildcards(self, viewer, wild):
        factories.dataset("abc")
        odd = factories.dataset(f"odd {wild} name")
        assert found(viewer, "datasets", search=wild) == [odd.pk]


class TestWrongValues:
    @pytest.mark.parametrize(
        ("resource", "field"),
        [
            ("tasks", "template"),
            ("tasks", "dataset"),
            ("runs", "task"),
            ("runs", "dataset"),
            ("batches", "run"),
            ("batches", "language_model"),
            ("records", "dataset"),
            ("records", "task"),
            ("records", "run"),
            ("records", "batch"),
            ("records", "language_model"),
            ("language-models", "provider"),
        ],
    )
    @pytest.mark.parametrize("value", ["99999999999999999999", "1 OR 1=1"])
    def test_of_rows_name_the_field(self, viewer, resource, field, value):
        assert refused(viewer, resource, **{field: value}) == {
            field: ["Select a valid choice. That choice is not one of the available choices."]
        }

    @pytest.mark.parametrize(
        ("resource", "field"),
        [
            ("tasks", "status"),
            ("tasks", "output_format"),
            ("runs", "status"),
            ("batches", "state"),
            ("records", "status"),
            ("templates", "type"),
            ("language-models", "currency"),
        ],
    )
    def test_of_choices_are_quoted(self, viewer, resource, field):
        assert refused(viewer, resource, **{field: "<b>"}) == {
            field: ["Select a valid choice. <b> is not one of the available choices."]
        }

    @pytest.mark.parametrize("field", ["created_after", "created_before"])
    @pytest.mark.parametrize(
        "value", ["yesterday", "2026-13-01T00:00:00Z", "1e9", "0001-01-01T00:00:00+23:00"]
    )
    def test_of_times_are_refused(self, viewer, field, value):
        assert refused(viewer, "records", **{field: value}) == {field: ["Enter a valid date/time."]}

    def test_are_refused_in_chinese_too(self):
        client = api.client("view", **{"Accept-Language": "zh-hans"})
        body = client.get(f"{V1}tasks/", {"status": "odd"}).json()
        assert (body["code"], body["detail"]) == ("invalid", "以下字段需要更正：status。")

    # Rows in the order of a hidden column would tell that column, letter by letter.
    @pytest.mark.parametrize("order", ["created_by__password", "-created_by__password"])
    @pytest.mark.parametrize("resource", ["tasks", "runs", "templates", "datasets"])
    def test_of_orders_are_passed_over(self, viewer, resource, order):
        for password in "bac":
            owner = api.user()
            User.objects.filter(pk=owner.pk).update(password=password)
            run = factories.run(created_by=owner)
            rows = (run.task, run.dataset, run.template_version.template)
            for row in rows:
                type(row).objects.filter(pk=row.pk).update(created_by=owner)
        assert found(viewer, resource, ordering=order) == found(viewer, resource)


class TestPages:
    @pytest.mark.parametrize("resource", NUMBERED)
    @pytest.mark.parametrize("page", ["0", "2"])
    def test_that_are_not_there(self, viewer, resource, page):
        factories.run()
        response = viewer.get(f"{V1}{resource}/", {"page": page})
        assert (response.status_code, response.json()["code"]) == (404, "not_found")

    # 3 rows: a size that is no number, or below one, stands for the usual 50.
    @pytest.mark.parametrize(
        ("size", "count"), [("1", 1), ("2", 2), ("3", 3), ("0", 3), ("-1", 3), ("x", 3)]
    )
    @pytest.mark.parametrize("resource", ["datasets", "records"])
    def test_of_any_size(self, viewer, resource, size, count):
        for _dataset in range(3):
            factories.records(1)
        assert len(found(viewer, resource, page_size=size)) == count

    @pytest.mark.parametrize("resource", ["datasets", "records"])
    @pytest.mark.parametrize(("size", "count"), [(None, 50), (200, 200), (201, 200)])
    def test_have_at_most_200_rows(self, viewer, resource, size, count):
        if resource == "datasets":
            Dataset.objects.bulk_create(Dataset(name=f"d{number}") for number in range(201))
        else:
            factories.records(201)
        query = {"page_size": size} if size else {}
        assert len(found(viewer, resource, **query)) == count

    @pytest.mark.parametrize("resource", NUMBERED)
    def test_of_nothing_are_empty(self, viewer, resource):
        body = viewer.get(f"{V1}{resource}/").json()
        assert body == {"count": 0, "next": None, "previous": None, "results": []}

    def test_keep_the_query_in_their_links(self, viewer):
        for name in ("tea 1", "tea 2", "milk"):
            factories.dataset(name)
        query = {"search": "tea", "ordering": "-name", "page_size": 1}
        first = viewer.get(f"{V1}datasets/", query).json()
        second = viewer.get(first["next"]).json()
        names = [page["results"][0]["name"] for page in (first, second)]
        assert (names, first["count"], second["next"]) == (["tea 2", "tea 1"], 2, None)
