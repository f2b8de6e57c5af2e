from __future__ import annotations

import pytest

from synthesis.models import Dataset, Run, SynthesisTask
from tests import api, factories

pytestmark = pytest.mark.django_db

TASKS = "/api/v1/tasks/"
NEVER_RAN = {"code": "never_ran", "detail": "The task has not run yet. Start it first."}


@pytest.fixture
def editor():
    return api.editor()


@pytest.fixture
def order():
    """The least that orders records."""
    factories.language_model()
    return {"name": "Tea", "template": factories.template().pk, "target_count": 3}


def refused(response):
    assert response.status_code == 400, response.content
    assert response.json()["code"] == "invalid"
    return response.json()["fields"]


class TestCreating:
    def test_starts_the_task(self, editor, order):
        response = editor.post(TASKS, order)
        assert (response.status_code, response.json()["status"]) == (201, "pending")

    def test_leaves_a_draft_when_asked(self, editor, order):
        editor.post(TASKS, {**order, "start": False})
        assert (SynthesisTask.objects.get().status, Run.objects.count()) == ("draft", 0)

    def test_says_where_the_task_is(self, editor, order):
        response = editor.post(TASKS, order)
        assert editor.get(response["Location"]).json() == response.json()

    def test_takes_the_template_as_it_is_now(self, editor, order):
        template = factories.template()
        template.prompt = "Write {count} more."
        template.save()
        created = editor.post(TASKS, {**order, "template": template.pk}).json()
        assert (created["template"], created["template_version"]) == (template.pk, 2)

    def test_refuses_a_disabled_template(self, editor, order):
        template = factories.template(is_enabled=False)
        fields = refused(editor.post(TASKS, {**order, "template": template.pk}))
        assert fields == {
            "template": [f'Invalid pk "{template.pk}" - object does not exist.'],
        }

    def test_names_the_dataset_after_the_task(self, editor, order):
        assert editor.post(TASKS, order).json()["dataset_name"] == "Tea"

    def test_creates_the_named_dataset(self, editor, order):
        created = editor.post(TASKS, {**order, "dataset_name": "Leaves"}).json()
        assert Dataset.objects.get().name == created["dataset_name"] == "Leaves"

    def test_takes_an_existing_dataset(self, editor, order):
        dataset = factories.dataset()
        assert editor.post(TASKS, {**order, "dataset": dataset.pk}).json()["dataset"] == dataset.pk

    def test_refuses_two_datasets(self, editor, order):
        both = {"dataset": factories.dataset().pk, "dataset_name": "Other"}
        assert refused(editor.post(TASKS, order | both)) == {
            "dataset_name": ["Give dataset or dataset_name, not both."]
        }

    def test_takes_one_model(self, editor, order):
        model = factories.language_model(name="other")
        created = editor.post(TASKS, {**order, "language_model": model.pk}).json()
        assert created["models"] == [{"language_model": model.pk, "name": str(model), "weight": 1}]

    def test_takes_a_weighted_mix(self, editor, order):
        mix = [
            {"language_model": factories.language_model().pk, "weight": 3},
            {"language_model": factories.language_model().pk},
        ]
        created = editor.post(TASKS, {**order, "models": mix}).json()
        assert [row["weight"] for row in created["models"]] == [3, 1]

    def test_refuses_a_model_beside_a_mix(self, editor, order):
        model = factories.language_model().pk
        both = {"language_model": model, "models": [{"language_model": model}]}
        assert refused(editor.post(TASKS, order | both)) == {
            "models": ["Give language_model or models, not both."]
        }

    def test_refuses_a_model_named_twice(self, editor, order):
        twice = [{"language_model": factories.language_model().pk}] * 2
        assert refused(editor.post(TASKS, {**order, "models": twice})) == {
            "models": ["Each model may be named once; give it a weight."]
        }

    def test_leaves_nothing_behind_when_it_cannot_start(self, editor):
        template = factories.template()
        response = editor.post(TASKS, {"name": "Tea", "template": template.pk})
        assert (response.status_code, response.json()) == (
            409,
            {
                "code": "no_model",
                "detail": "No language model is chosen and there is no default one."
                " Choose a model.",
            },
        )
        assert (SynthesisTask.objects.count(), Dataset.objects.count()) == (0, 0)

    @pytest.mark.parametrize(
        ("change", "field", "sentence"),
        [
            ({"target_count": 0}, "target_count", "greater than or equal to 1"),
            ({"batch_size": 201}, "batch_size", "less than or equal to 200"),
            ({"concurrency": 1025}, "concurrency", "less than or equal to 1024"),
            ({"values": {"colour": "red"}}, "values", "The template has no variable colour."),
            ({"values": ["red"]}, "values", "Expected a dictionary"),
            ({"parameters": {"temperature": 9}}, "parameters", "temperature must be a number"),
            ({"output_format": "pdf"}, "output_format", '"pdf" is not a valid choice.'),
            ({"name": ""}, "name", "This field may not be blank."),
            ({"template": 0}, "template", "object does not exist"),
            ({"models": [{"language_model": 0}]}, "models", "object does not exist"),
        ],
    )
    def test_refuses_what_the_model_refuses(self, editor, order, change, field, sentence):
        fields = refused(editor.post(TASKS, {**order, **change}))
        assert list(fields) == [field]
        assert sentence in str(fields[field])

    def test_refuses_a_name_that_is_taken(self, editor, order):
        editor.post(TASKS, order)
        assert refused(editor.post(TASKS, order)) == {
            "name": ["Synthesis task with this Task name already exists."]
        }

    def test_names_the_parameters_that_a_model_does_not_take(self, editor, order):
        model = factories.language_model(capabilities=[])
        order |= {"language_model": model.pk, "parameters": {"temperature": 0.5}}
        assert editor.post(TASKS, order).json()["unsent_parameters"] == [
            {"language_model": model.pk, "name": str(model), "parameters": ["temperature"]}
        ]

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("status", "completed"),
            ("created_by", 1),
            ("latest_run", 1),
            ("progress_percent", 100),
            ("template_version", 9),
            ("counts", {"accepted": 9}),
            ("id", 7_000_000),
        ],
    )
    def test_ignores_what_only_the_server_decides(self, editor, order, field, value):
        created = editor.post(TASKS, {**order, "start": False, field: value}).json()
        assert created[field] != value

    def test_remembers_who_ordered(self, order):
        user = api.user("add", "view")
        client = api.client()
        client.force_authenticate(user)
        assert client.post(TASKS, order).json()["created_by"] == user.username
        assert Run.objects.get().created_by == user


class TestChanging:
    def test_one_field_keeps_the_others(self, editor):
        task = factories.task()
        before = editor.get(f"{TASKS}{task.pk}/").json()
        after = editor.patch(f"{TASKS}{task.pk}/", {"target_count": 7}).json()
        assert {name for name in after if after[name] != before[name]} == {
            "target_count",
            "updated_at",
        }

    def test_the_models_replaces_the_mix(self, editor):
        task, other = factories.task(), factories.language_model()
        changed = editor.patch(f"{TASKS}{task.pk}/", {"language_model": other.pk}).json()
        assert [row["language_model"] for row in changed["models"]] == [other.pk]

    def test_to_no_models_takes_the_default_one_again(self, editor):
        task = factories.task()
        assert editor.patch(f"{TASKS}{task.pk}/", {"models": []}).json()["models"] == []

    def test_does_not_touch_a_run(self, editor):
        run = factories.run()
        editor.patch(f"{TASKS}{run.task_id}/", {"target_count": 7})
        run.refresh_from_db()
        assert run.target_count == 10

    def test_does_not_start_it(self, editor):
        task = factories.task()
        changed = editor.patch(f"{TASKS}{task.pk}/", {"start": True}).json()
        assert changed["status"] == "draft"

    def test_the_template_takes_its_latest_version(self, editor):
        task, other = factories.task(), factories.template()
        changed = editor.patch(f"{TASKS}{task.pk}/", {"template": other.pk}).json()
        assert changed["template"] == other.pk

    def test_by_put_needs_what_creating_needs(self, editor):
        task = factories.task()
        assert refused(editor.put(f"{TASKS}{task.pk}/", {})) == {
            "name": ["This field is required."],
            "template": ["This field is required."],
        }


def command(editor, task, name):
    return editor.post(f"{TASKS}{task.pk}/{name}/")


class TestCommands:
    @pytest.mark.parametrize(
        ("name", "before", "code", "after"),
        [
            ("pause", "running", 200, "paused"),
            ("resume", "paused", 202, "pending"),
            ("resume", "stalled", 202, "pending"),
            ("resume", "failed", 202, "pending"),
            ("cancel", "running", 200, "cancelled"),
            ("cancel", "paused", 200, "cancelled"),
            ("retry-failed", "failed", 202, "pending"),
            ("retry-failed", "running", 202, "running"),
            ("rerun", "completed", 202, "pending"),
            ("rerun", "cancelled", 202, "pending"),
            ("start", "failed", 202, "pending"),
        ],
    )
    def test_move_the_run(self, editor, name, before, code, after):
        run = factories.run(status=before)
        response = command(editor, run.task, name)
        assert (response.status_code, response.json().get("status")) == (code, after)

    @pytest.mark.parametrize(
        ("name", "status", "label"),
        [
            ("pause", "paused", "paused"),
            ("pause", "completed", "completed"),
            ("resume", "running", "running"),
            ("resume", "cancelled", "cancelled"),
            ("cancel", "completed", "completed"),
            ("retry-failed", "cancelled", "cancelled"),
        ],
    )
    def test_say_why_they_are_not_possible(self, editor, name, status, label):
        response = command(editor, factories.run(status=status).task, name)
        assert (response.status_code, response.json()) == (
            409,
            {
                "code": "wrong_state",
                "detail": f"This is not possible while the run is “{label}”.",
            },
        )

    @pytest.mark.parametrize("name", ["start", "rerun"])
    @pytest.mark.parametrize("status", ["pending", "running", "paused"])
    def test_never_start_a_second_run_beside_an_unfinished_one(self, editor, name, status):
        response = command(editor, factories.run(status=status).task, name)
        assert (response.status_code, response.json()["code"]) == (409, "still_active")

    @pytest.mark.parametrize("name", ["pause", "resume", "cancel", "retry-failed", "rerun"])
    def test_need_a_run(self, editor, name):
        response = command(editor, factories.task(), name)
        assert (response.status_code, response.json()) == (409, NEVER_RAN)

    def test_start_a_draft(self, editor):
        response = command(editor, factories.task(), "start")
        assert (response.status_code, response.json()["status"]) == (202, "pending")

    def test_rerun_keeps_the_first_run(self, editor):
        run = factories.run(status="completed")
        command(editor, run.task, "rerun")
        assert list(run.task.runs.values_list("number", flat=True)) == [2, 1]

    def test_clone_the_order_only(self, editor):
        run = factories.run(status="completed")
        response = command(editor, run.task, "clone")
        assert response.status_code == 201
        copy = response.json()
        assert (copy["name"], copy["status"], copy["dataset"] == run.dataset_id) == (
            f"{run.task.name} (2)",
            "draft",
            False,
        )

    @pytest.mark.parametrize("name", ["start", "pause", "clone"])
    def test_answer_404_for_no_task(self, editor, name):
        assert editor.post(f"{TASKS}404/{name}/").status_code == 404


class TestReading:
    def test_shows_what_became_of_the_records(self, editor):
        run = factories.run(target_count=10, accepted=4, duplicate=3, malformed=2, surplus=1)
        shown = editor.get(f"{TASKS}{run.task_id}/").json()
        assert shown["counts"] == {
            "accepted": 4,
            "pending": 0,
            "duplicate": 3,
            "malformed": 2,
            "rejected": 0,
            "surplus": 1,
        }
        assert shown["progress_percent"] == 40

    def test_says_why_it_stopped(self, editor):
        run = factories.run(status="failed", reason_code="authentication")
        shown = editor.get(f"{TASKS}{run.task_id}/").json()
        assert shown["reason_code"] == "authentication"
        assert shown["reason"] == (
            "The vendor did not accept the API key. Enter a valid key at the provider, then resume."
        )

    def test_links_lead_somewhere(self, editor):
        links = editor.get(f"{TASKS}{factories.run().task_id}/").json()["links"]
        assert {
            name: editor.get(link).status_code for name, link in links.items()
        } == dict.fromkeys(("self", "runs", "records", "dataset", "export"), 200)

    def test_answers_404_for_no_task(self, editor):
        response = editor.get(f"{TASKS}404/")
        assert response.status_code == 404
        assert response.json() == {
            "code": "not_found",
            "detail": "Not found.",
        }


class TestListing:
    @pytest.mark.parametrize(("status", "count"), [("draft", 1), ("failed", 1), ("paused", 0)])
    def test_filters_by_status(self, editor, status, count):
        factories.task()
        factories.run(status="failed")
        assert editor.get(TASKS, {"status": status}).json()["count"] == count

    def test_filters_by_template(self, editor):
        task, _other = factories.task(), factories.task()
        template = task.template_version.template_id
        [found] = editor.get(TASKS, {"template": template}).json()["results"]
        assert found["id"] == task.pk

    def test_refuses_an_unknown_filter_value(self, editor):
        assert list(refused(editor.get(TASKS, {"status": "SUCCESS"}))) == ["status"]

    def test_searches_names(self, editor):
        factories.task(name="绿茶")
        factories.task(name="红酒")
        assert [row["name"] for row in editor.get(TASKS, {"search": "茶"}).json()["results"]] == [
            "绿茶"
        ]

    @pytest.mark.parametrize(("ordering", "names"), [("name", ["a", "b"]), ("-name", ["b", "a"])])
    def test_orders(self, editor, ordering, names):
        factories.task(name="b")
        factories.task(name="a")
        results = editor.get(TASKS, {"ordering": ordering}).json()["results"]
        assert [row["name"] for row in results] == names

    def test_asks_the_database_no_more_for_more_tasks(self, editor, django_assert_max_num_queries):
        model = factories.language_model()
        for _row in range(6):
            factories.run(factories.task(model))
        bare = factories.task()
        bare.set_mix({})
        with django_assert_max_num_queries(9):
            assert len(editor.get(TASKS).json()["results"]) == 7


class TestDeleting:
    def test_takes_a_draft_away(self, editor):
        task = factories.task()
        assert editor.delete(f"{TASKS}{task.pk}/").status_code == 204
        assert not SynthesisTask.objects.exists()
