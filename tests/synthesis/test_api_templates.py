from __future__ import annotations

import pytest

from synthesis.models import PromptTemplate
from tests import api, factories

pytestmark = pytest.mark.django_db

TEMPLATES = "/api/v1/templates/"
GUIDE = 'Write {count} questions about {topic}: [{"question": "What?", "answer": "That."}]'


@pytest.fixture
def editor():
    return api.editor()


def address(template, command=""):
    return f"{TEMPLATES}{template.pk}/{command}"


class TestCreating:
    def test_declares_variables_and_reads_the_schema(self, editor):
        response = editor.post(TEMPLATES, {"name": "QA", "prompt": GUIDE})
        assert response.status_code == 201
        created = response.json()
        assert [row["name"] for row in created["variables"]] == ["topic"]
        assert created["output_schema"]["required"] == ["question", "answer"]

    def test_makes_the_first_version(self, editor):
        assert editor.post(TEMPLATES, {"name": "QA", "prompt": GUIDE}).json()["version"] == 1

    def test_remembers_who_made_it(self):
        user = api.user("add")
        client = api.client()
        client.force_authenticate(user)
        created = client.post(TEMPLATES, {"name": "QA", "prompt": GUIDE}).json()
        assert created["created_by"] == user.username

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"prompt": " "}, "prompt"),
            ({"type": "poem"}, "type"),
            ({"preset": "wild"}, "preset"),
            ({"variables": [{"name": "count", "type": "text"}]}, "variables"),
            ({"variables": [{"name": "a", "type": "colour"}]}, "variables"),
            ({"parameters": {"temperature": 3}}, "parameters"),
            ({"parameters": {"speed": 3}}, "parameters"),
            ({"examples": [{"input": "no output"}]}, "examples"),
            ({"output_schema": {"type": "array"}}, "output_schema"),
            ({"language_model": 0}, "language_model"),
        ],
    )
    def test_refuses_what_the_model_refuses(self, editor, change, field):
        response = editor.post(TEMPLATES, {"name": "QA", "prompt": GUIDE} | change)
        assert (response.status_code, list(response.json()["fields"])) == (400, [field])

    @pytest.mark.parametrize(
        ("field", "value"), [("is_starter", True), ("version", 9), ("created_by", "root")]
    )
    def test_ignores_what_only_the_server_decides(self, editor, field, value):
        created = editor.post(TEMPLATES, {"name": "QA", "prompt": GUIDE, field: value}).json()
        assert created[field] != value


class TestVersions:
    def test_are_made_by_changes_of_the_content(self, editor):
        template = factories.template()
        assert editor.patch(address(template), {"prompt": "{count} more"}).json()["version"] == 2

    def test_are_not_made_by_a_new_name(self, editor):
        template = factories.template()
        assert editor.patch(address(template), {"name": "new"}).json()["version"] == 1

    def test_are_listed_newest_first(self, editor):
        template = factories.template()
        editor.patch(address(template), {"prompt": "{count} more"})
        page = editor.get(address(template, "versions/")).json()
        assert [(row["number"], row["prompt"]) for row in page["results"]] == [
            (2, "{count} more"),
            (1, factories.PROMPT),
        ]

    def test_come_back_as_the_newest_one(self, editor):
        template = factories.template()
        editor.patch(address(template), {"prompt": "{count} more"})
        restored = editor.post(address(template, "restore/"), {"number": 1}).json()
        assert (restored["version"], restored["prompt"]) == (3, factories.PROMPT)

    def test_that_do_not_exist_cannot_be_restored(self, editor):
        response = editor.post(address(factories.template(), "restore/"), {"number": 9})
        assert (response.status_code, response.json()["code"]) == (404, "not_found")


class TestPreview:
    def preview(self, editor, template, **order):
        return editor.post(address(template, "preview/"), order)

    def test_shows_what_would_be_sent(self, editor):
        template = factories.template(prompt=GUIDE, system_prompt="You know {topic}.")
        shown = self.preview(editor, template, values={"topic": "tea"}, count=3).json()
        assert [message["role"] for message in shown["messages"]] == ["system", "user"]
        assert shown["messages"][0]["content"] == "You know tea."
        assert shown["messages"][1]["content"].startswith(
            'Write 3 questions about tea: [{"question": "What?", "answer": "That."}]'
        )

    def test_shows_the_values_that_were_drawn(self, editor):
        variables = [{"name": "topic", "type": "list", "default": ["tea", "coffee"]}]
        template = factories.template(variables=variables)
        drawn = {
            self.preview(editor, template, seed=seed).json()["values"]["topic"]
            for seed in range(20)
        }
        assert drawn == {"tea", "coffee"}

    def test_draws_the_same_for_the_same_seed(self, editor):
        template = factories.template()
        first, second = (self.preview(editor, template, seed=5).json() for _call in range(2))
        assert first["values"]["random_id"] == second["values"]["random_id"]

    def test_shows_examples_as_turns(self, editor):
        template = factories.template(examples=[{"input": "tea", "output": {"a": 1}}])
        shown = self.preview(editor, template).json()["messages"]
        assert [message["role"] for message in shown] == ["user", "assistant", "user"]

    def test_leaves_the_schema_to_a_model_that_takes_it(self, editor):
        template = factories.template()
        asked = self.preview(editor, template).json()["messages"][-1]["content"]
        template.language_model = factories.language_model(capabilities=["json_schema"])
        template.save()
        without = self.preview(editor, template).json()["messages"][-1]["content"]
        assert ("JSON Schema" in asked, "JSON Schema" in without) == (True, False)

    @pytest.mark.parametrize(
        ("values", "sentence"),
        [({}, "Give a value for topic."), ({"x": 1}, "The template has no variable x.")],
    )
    def test_says_which_value_is_wrong(self, editor, values, sentence):
        template = factories.template(prompt=GUIDE, variables=[])
        response = self.preview(editor, template, values=values)
        assert response.status_code == 400
        assert sentence in response.json()["fields"]["values"]

    @pytest.mark.parametrize("order", [{"count": 0}, {"count": 201}, {"seed": -1}, {"values": []}])
    def test_refuses_what_no_task_could_have(self, editor, order):
        response = self.preview(editor, factories.template(), **order)
        assert list(response.json()["fields"]) == list(order)

    def test_calls_and_stores_nothing(self, editor):
        template = factories.template(language_model=factories.language_model())
        before = list(PromptTemplate.objects.values())
        self.preview(editor, template)
        assert list(PromptTemplate.objects.values()) == before


class TestDuplicating:
    def test_copies_the_content_under_another_name(self, editor):
        template = factories.template(description="d", preset="fast")
        response = editor.post(address(template, "duplicate/"))
        assert response.status_code == 201
        copy = response.json()
        assert (copy["name"], copy["version"], copy["is_starter"]) == (
            f"{template.name} (2)",
            1,
            False,
        )
        assert PromptTemplate.objects.get(pk=copy["id"]).content() == template.content()

    def test_twice_finds_another_name(self, editor):
        template = factories.template(name="QA")
        names = [editor.post(address(template, "duplicate/")).json()["name"] for _copy in "12"]
        assert names == ["QA (2)", "QA (3)"]


class TestListing:
    def test_filters_and_searches(self, editor):
        factories.template(name="茶", type="summary")
        factories.template(name="酒")
        for query in ({"type": "summary"}, {"search": "茶"}):
            assert [row["name"] for row in editor.get(TEMPLATES, query).json()["results"]] == ["茶"]

    def test_asks_the_database_no_more_for_more_rows(self, editor, django_assert_max_num_queries):
        for _row in range(5):
            factories.template()
        with django_assert_max_num_queries(4):
            assert [row["version"] for row in editor.get(TEMPLATES).json()["results"]] == [1] * 5


class TestDeleting:
    def test_is_refused_while_a_task_uses_it(self, editor):
        task = factories.task()
        response = editor.delete(address(task.template_version.template))
        assert (response.status_code, response.json()["code"]) == (409, "in_use")

    def test_takes_an_unused_one_away(self, editor):
        assert editor.delete(address(factories.template())).status_code == 204
