from __future__ import annotations

import pytest

from synthesis.models import Dataset, RatioTask, Record, Run, SynthesisTask
from synthesis.models.ratio import fresh
from tests import api, factories

pytestmark = pytest.mark.django_db

RATIOS = "/api/v1/ratio-tasks/"
CHINESE = {"Accept-Language": "zh-hans"}
SHARES = {"good": 50, "bad": 30, "plain": 20}


@pytest.fixture
def editor():
    return api.editor()


@pytest.fixture
def template():
    factories.language_model(is_default=True)
    return factories.template()


@pytest.fixture
def task():
    return factories.ratio_task(SHARES, name="Moods", total=10)


@pytest.fixture
def running(task):
    task.start()
    for run, status in zip(
        Run.objects.order_by("pk"), ("running", "completed", "stalled"), strict=True
    ):
        Run.objects.filter(pk=run.pk).update(status=status, accepted=1)
    return task


def order(template, *rows, **fields):
    categories = [{"template": template.pk, **row} for row in rows]
    return {"name": "Moods", "total": 1000, "categories": categories, **fields}


def guide_order(template, **fields):
    shares = (("正面", 40), ("负面", 30), ("中性", 30))
    return order(template, *({"name": n, "share": s} for n, s in shares), **fields)


def refused(client, given, **headers):
    response = client.post(RATIOS, given, headers=headers)
    assert (response.status_code, response.json()["code"]) == (400, "invalid")
    return response.json()


def command(client, task, name):
    return client.post(f"{RATIOS}{task.pk}/{name}/")


class TestOrders:
    def test_are_created_and_started(self, editor, template):
        response = editor.post(RATIOS, guide_order(template))
        report = response.json()
        assert (response.status_code, report["status"]) == (201, "pending")
        assert response.headers["Location"] == report["links"]["self"]
        assert [(row["name"], row["share"], row["count"]) for row in report["categories"]] == [
            ("正面", "40.0000", 400),
            ("负面", "30.0000", 300),
            ("中性", "30.0000", 300),
        ]
        assert report["dataset_name"] == "Moods"
        assert Run.objects.active().count() == 3

    def test_keep_what_each_category_says(self, editor, template):
        model, other = factories.language_model(), factories.language_model()
        mix = [{"language_model": model.pk, "weight": 3}, {"language_model": other.pk}]
        rows = (
            {"name": "a", "share": 60, "values": {"topic": "silk"}, "models": mix},
            {
                "name": "b",
                "share": 40,
                "parameters": {"temperature": 0.2},
                "language_model": other.pk,
            },
        )
        first, second = editor.post(RATIOS, order(template, *rows)).json()["categories"]
        assert first["values"] == {"topic": "silk"}
        assert [(row["language_model"], row["weight"]) for row in first["models"]] == [
            (model.pk, 3),
            (other.pk, 1),
        ]
        assert second["parameters"] == {"temperature": 0.2}
        assert [row["language_model"] for row in second["models"]] == [other.pk]

    def test_may_be_drafts(self, editor, template):
        report = editor.post(RATIOS, guide_order(template, start=False)).json()
        assert report["status"] == "draft"
        assert not Run.objects.exists()

    def test_by_count_make_the_total_and_the_shares(self, editor, template):
        given = order(template, {"name": "a", "count": 2}, {"name": "b", "count": 1})
        del given["total"]
        report = editor.post(RATIOS, given).json()
        assert (report["total"], report["split"]) == (3, "counts")
        assert [row["share"] for row in report["categories"]] == ["66.6667", "33.3333"]

    def test_go_into_the_dataset_that_is_named(self, editor, template):
        home = factories.dataset()
        report = editor.post(RATIOS, guide_order(template, dataset=home.pk)).json()
        assert report["dataset"] == home.pk

    def test_may_ask_the_same_quality_of_every_category(self, editor, template):
        editor.post(RATIOS, guide_order(template, quality={"minimum_score": 60}))
        asked = [run.quality.minimum_score for run in Run.objects.all()]
        assert asked == [60, 60, 60]

    def test_that_are_drafts_are_replaced(self, editor, template, task):
        given = order(template, {"name": "bad", "share": 100}, total=7)
        response = editor.put(f"{RATIOS}{task.pk}/", given)
        assert (response.status_code, response.json()["status"]) == (200, "draft")
        row = fresh(task)
        assert [(c.name, c.count) for c in row.categories.all()] == [("bad", 7)]

    def test_that_have_run_are_replaced_no_more(self, editor, template, running):
        response = editor.put(f"{RATIOS}{running.pk}/", guide_order(template, total=7))
        assert (response.status_code, response.json()["code"]) == (409, "has_run")
        assert RatioTask.objects.get().total == 10


class TestRefusals:
    def test_say_what_the_shares_add_up_to(self, editor, template):
        given = order(template, {"name": "a", "share": 50}, {"name": "b", "share": 49})
        sentence = "The shares add up to 99%, not to 100%."
        assert refused(editor, given)["fields"] == {"categories": [sentence]}
        assert not Dataset.objects.exists()
        in_chinese = refused(editor, given, **CHINESE)["fields"]
        assert in_chinese == {"categories": ["比例之和为 99%，应为 100%。"]}

    def test_stand_at_their_rows(self, editor, template):
        off = factories.language_model(is_enabled=False)
        required = factories.template(
            prompt="{subject}", variables=[{"name": "subject", "type": "text", "required": True}]
        )
        rows = (
            {"name": "a", "share": 50},
            {"name": "a", "share": 20, "template": required.pk},
            {"name": "c", "share": 29, "language_model": off.pk},
        )
        body = refused(editor, order(template, *rows))
        twice = ["Another category has this name too. Give each its own."]
        model = f"The model {off}, or its provider, is switched off. Enable it or choose another"
        assert body["fields"] == {
            "categories": {
                "0": {"name": twice},
                "1": {"name": twice, "values": ["Give a value for subject."]},
                "2": {"models": [f"{model} model."]},
            },
            "non_field_errors": ["The shares add up to 99%, not to 100%."],
        }

    @pytest.mark.parametrize(
        ("changes", "fields"),
        [
            ({"categories": []}, {"categories": ["Add at least one category."]}),
            ({"total": None}, {"total": ["This field may not be null."]}),
            ({"total": 2}, {"categories": {
                "1": {"share": ["Of 2 records this share is none. Raise the share or the total."]},
            }}),
            ({"split": "counts"}, {"categories": {
                "0": {"count": ["Say how many records this category is to have."]},
                "1": {"count": ["Say how many records this category is to have."]},
            }, "total": ["The counts add up to 0, not to the total of 1000."]}),
            ({"dataset_name": "x", "dataset": 0}, {"dataset": [
                'Invalid pk "0" - object does not exist.'
            ]}),
        ],
    )  # fmt: skip
    def test_name_the_field(self, editor, template, changes, fields):
        given = order(template, {"name": "a", "share": 90}, {"name": "b", "share": 10})
        assert refused(editor, {**given, **changes})["fields"] == fields

    def test_want_a_total_where_shares_are_given(self, editor, template):
        given = guide_order(template)
        del given["total"]
        expected = {"total": ["Say how many records there shall be."]}
        assert refused(editor, given)["fields"] == expected

    def test_want_counts_that_make_the_total(self, editor, template):
        given = order(template, {"name": "a", "count": 2}, total=3)
        expected = {"total": ["The counts add up to 2, not to the total of 3."]}
        assert refused(editor, given)["fields"] == expected

    def test_want_one_way_to_name_models_and_dataset(self, editor, template):
        model = factories.language_model().pk
        row = {"name": "a", "share": 100, "language_model": model}
        both = order(template, {**row, "models": [{"language_model": model}]})
        sentence = "Give language_model or models, not both."
        assert refused(editor, both)["fields"] == {"categories": {"0": {"models": [sentence]}}}
        home = order(template, row, dataset=factories.dataset().pk, dataset_name="New")
        expected = {"dataset_name": ["Give dataset or dataset_name, not both."]}
        assert refused(editor, home)["fields"] == expected

    def test_keep_names_apart(self, editor, template, task):
        fields = refused(editor, guide_order(template))["fields"]
        assert fields == {"name": ["Ratio task with this Task name already exists."]}


class TestCommands:
    @pytest.mark.parametrize(
        ("name", "code", "status", "changed"),
        [
            ("pause", 200, "paused", ["good"]),
            ("resume", 202, "running", ["plain"]),
            ("retry-failed", 202, "running", ["good", "plain"]),
            ("cancel", 200, "cancelled", ["good", "plain"]),
            ("top-up", 202, "running", ["bad"]),
        ],
    )
    def test_name_the_categories_that_they_changed(
        self, editor, running, name, code, status, changed
    ):
        response = command(editor, running, name)
        report = response.json()
        assert (response.status_code, report["status"]) == (code, status)
        assert report["changed"] == changed
        assert sorted(report["changed"] + report["unchanged"]) == ["bad", "good", "plain"]

    @pytest.mark.parametrize("name", ["pause", "rerun", "cancel"])
    def test_are_refused_before_the_first_run(self, editor, task, name):
        response = command(editor, task, name)
        assert (response.status_code, response.json()["code"]) == (409, "never_ran")

    def test_start_and_run_again(self, editor, task):
        assert command(editor, task, "start").json()["status"] == "pending"
        assert command(editor, task, "start").json()["code"] == "still_active"
        Run.objects.update(status="completed")
        assert command(editor, task, "rerun").status_code == 202
        assert Run.objects.count() == 6

    def test_clone_into_a_draft(self, editor, running):
        response = command(editor, running, "clone")
        assert (response.status_code, response.json()["status"]) == (201, "draft")
        assert response.json()["name"] == "Moods (2)"

    def test_need_their_permissions(self, running):
        reader, changer = api.client("view"), api.client("view", "change")
        assert command(reader, running, "pause").status_code == 403
        assert command(changer, running, "clone").status_code == 403
        assert reader.post(RATIOS, {}).status_code == 403
        assert reader.get(f"{RATIOS}{running.pk}/").status_code == 200


class TestReports:
    def test_say_what_each_category_came_to(self, editor, running):
        Run.objects.filter(category="plain").update(reason_code="low_acceptance", duplicate=9)
        report = editor.get(f"{RATIOS}{running.pk}/").json()
        assert (report["status"], report["progress_percent"]) == ("running", 30)
        assert (report["counts"]["accepted"], report["counts"]["duplicate"]) == (3, 9)
        plain = report["categories"][2]
        assert (plain["status"], plain["counts"]["duplicate"]) == ("stalled", 9)
        assert plain["reason"].startswith("Hardly any new record was accepted lately")

    def test_are_listed_by_the_status_of_the_whole(self, editor, running):
        factories.ratio_task(SHARES)
        found = editor.get(RATIOS, {"status": "running"}).json()["results"]
        assert [row["id"] for row in found] == [running.pk]

    def test_cost_no_more_for_more_rows(self, editor, task, django_assert_max_num_queries):
        factories.ratio_task(SHARES)
        with django_assert_max_num_queries(8):
            assert len(editor.get(RATIOS).json()["results"]) == 2

    def test_lead_to_runs_and_records(self, editor, running):
        run = Run.objects.get(category="good")
        factories.records(1, of_run=run, category="good")
        factories.records(1)
        links = editor.get(f"{RATIOS}{running.pk}/").json()["links"]
        runs = editor.get(links["runs"]).json()["results"]
        assert {row["category"] for row in runs} == set(SHARES)
        records = editor.get(links["records"]).json()["results"]
        assert [row["category"] for row in records] == ["good"]


class TestTasksOfCategories:
    def test_are_marked_and_told_apart(self, editor, task):
        other = factories.task()
        tasks = "/api/v1/tasks/"
        found = editor.get(tasks, {"ratio_task": task.pk}).json()["results"]
        assert {(row["ratio_task"], row["category"]) for row in found} == {
            (task.pk, name) for name in SHARES
        }
        rest = editor.get(tasks, {"is_category": "false"}).json()["results"]
        assert [(row["id"], row["ratio_task"]) for row in rest] == [(other.pk, None)]

    @pytest.mark.parametrize(
        ("method", "path"), [("post", "start/"), ("patch", ""), ("delete", "")]
    )
    def test_do_nothing_alone(self, editor, task, method, path):
        part = SynthesisTask.objects.first()
        response = getattr(editor, method)(f"/api/v1/tasks/{part.pk}/{path}", {})
        assert (response.status_code, response.json()["code"]) == (409, "part_of_ratio")


def test_is_deleted_with_all_that_belongs_to_it(editor, running):
    assert editor.delete(f"{RATIOS}{running.pk}/").json()["code"] == "still_active"
    command(editor, running, "cancel")
    assert editor.delete(f"{RATIOS}{running.pk}/").status_code == 204
    assert not (SynthesisTask.objects.exists() or Record.objects.exists())
