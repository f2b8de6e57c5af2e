from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from providers.models import LanguageModel
from synthesis.models import Dataset, PromptTemplate, RatioTask, Run, SynthesisTask
from synthesis.models.ratio import fresh
from tests import factories
from tests.synthesis.test_admin_tasks_form import texts
from tests.synthesis.test_admin_tasks_list import viewer

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

ADD = reverse("admin:synthesis_ratiotask_add")
VARIABLES = reverse("admin:synthesis_ratiotask_variables")
CHINESE = {"Accept-Language": "zh-hans"}


@pytest.fixture
def model() -> LanguageModel:
    return factories.language_model(is_default=True)


@pytest.fixture
def template() -> PromptTemplate:
    return factories.template(
        prompt="{topic} {level}",
        variables=[
            {"name": "topic", "type": "text", "required": True},
            {"name": "level", "type": "integer", "default": 3},
        ],
    )


def posted(*rows: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Return what a browser sends for a filled-in form."""
    data = {
        "name": "Moods",
        "total": 1000,
        "split": "shares",
        "batch_size": 10,
        "concurrency": 8,
        "max_attempts": 5,
        "seed": 1,
        "output_format": "jsonl",
        "categories-TOTAL_FORMS": len(rows),
        "categories-INITIAL_FORMS": 0,
    }
    for index, row in enumerate(rows):
        data |= {f"categories-{index}-{name}": value for name, value in row.items()}
    return {**data, **fields}


def row(template: PromptTemplate, name: str, share: Any = "", **fields: Any) -> dict[str, Any]:
    given = {"name": name, "share": share, "template": template.pk, "values-topic": "tea"}
    return {**given, **fields}


def guide_rows(template: PromptTemplate) -> list[dict[str, Any]]:
    return [
        row(template, name, share) for name, share in (("正面", 40), ("负面", 30), ("中性", 30))
    ]


def errors(response: Any) -> list[dict[str, list[str]]]:
    return [dict(form.errors) for form in response.context["rows"]]


def whole_errors(response: Any) -> list[str]:
    return list(response.context["rows"].non_form_errors())


def edit_url(task: RatioTask) -> str:
    return reverse("admin:synthesis_ratiotask_change", args=[task.pk]) + "?edit=1"


def test_creates_the_guides_task_and_starts_every_category(
    admin_client: Client, model: LanguageModel, template: PromptTemplate
) -> None:
    response = admin_client.post(ADD, posted(*guide_rows(template)), follow=True)
    task = RatioTask.objects.get()
    runs = Run.objects.order_by("pk").values_list("category", "target_count", "dataset__name")
    assert list(runs) == [("正面", 400, "Moods"), ("负面", 300, "Moods"), ("中性", 300, "Moods")]
    assert task.created_by.username == "admin"
    assert texts(response) == ["The ratio task was created and its categories have started."]
    assert response.redirect_chain == [(edit_url(task).removesuffix("?edit=1"), 302)]


def test_stores_values_models_and_parameters_of_each_row(
    admin_client: Client, model: LanguageModel, template: PromptTemplate
) -> None:
    other = factories.language_model()
    rich = {
        "values-level": "5",
        "models-model": [model.pk, other.pk, ""],
        "models-weight": [3, 1, 1],
        "parameters": '{"temperature": 0.3}',
    }
    rows = (row(template, "good", 50, **rich), row(template, "bad", 50))
    admin_client.post(ADD, posted(*rows, total=7))
    good, bad = (category.order() for category in RatioTask.objects.get().categories.all())
    assert (good.count, good.values, good.parameters) == (
        4,
        {"topic": "tea", "level": 5},
        {"temperature": 0.3},
    )
    assert good.mix == {model.pk: 3, other.pk: 1}
    assert (bad.count, bad.values, bad.parameters, bad.mix) == (3, {"topic": "tea"}, {}, {})


def test_lets_counts_make_the_total_and_the_shares(
    admin_client: Client, model: LanguageModel, template: PromptTemplate
) -> None:
    rows = [row(template, "a", count=2), row(template, "b", count=1)]
    admin_client.post(ADD, posted(*rows, split="counts", total=9))
    task = RatioTask.objects.get()
    assert task.total == 3
    assert [str(category.share) for category in task.categories.all()] == ["66.6667", "33.3333"]


def test_passes_over_rows_that_were_taken_out(
    admin_client: Client, model: LanguageModel, template: PromptTemplate
) -> None:
    data = posted(row(template, "a", 60), {}, row(template, "b", 40))
    admin_client.post(ADD, data)
    assert [category.name for category in RatioTask.objects.get().categories.all()] == ["a", "b"]


@pytest.mark.parametrize(
    ("shares", "sentence"),
    [
        ((50, 49), "The shares add up to 99%, not to 100%."),
        (("50.5", "50"), "The shares add up to 100.5%, not to 100%."),
        ((), "Add at least one category."),
    ],
)
def test_says_what_the_shares_add_up_to(
    admin_client: Client, model: LanguageModel, template: PromptTemplate, shares: Any, sentence: str
) -> None:
    rows = [row(template, f"c{number}", share) for number, share in enumerate(shares)]
    response = admin_client.post(ADD, posted(*rows))
    assert whole_errors(response) == [sentence]
    assert sentence in response.content.decode()
    assert not RatioTask.objects.exists()
    assert not Dataset.objects.exists()


def test_says_it_in_chinese(
    admin_client: Client, model: LanguageModel, template: PromptTemplate
) -> None:
    rows = [row(template, "a", 50), row(template, "a", 49)]
    response = admin_client.post(ADD, posted(*rows), headers=CHINESE)
    assert whole_errors(response) == ["比例之和为 99%，应为 100%。"]
    assert errors(response)[0]["name"] == ["另一个类别也用了这个名称，请改用不同的名称。"]


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"name": ""}, "name", "Name the category."),
        ({"name": "b"}, "name", "Another category has this name too. Give each its own."),
        ({"template": ""}, "template", "Choose a template."),
        ({"template": "77"}, "template", "Select a valid choice."),
        ({"values-topic": ""}, "values", "Some variables need another value."),
        ({"parameters": '{"temperature": 9}'}, "parameters", "temperature must be a number"),
        ({"parameters": "{"}, "parameters", "Enter a valid JSON."),
        ({"models-model": ["77"], "models-weight": ["1"]}, "models", "Choose a model from"),
    ],
)
def test_names_the_row_and_field_that_is_wrong(
    admin_client: Client,
    model: LanguageModel,
    template: PromptTemplate,
    changes: dict[str, Any],
    field: str,
    sentence: str,
) -> None:
    rows = ({**row(template, "a", 50), **changes}, row(template, "b", 50))
    found = errors(admin_client.post(ADD, posted(*rows)))[0]
    assert list(found) == [field]
    assert found[field][0].startswith(sentence)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ((["1", "1"], ["1", "1"]), "Each model stands once in the mix; give it a weight."),
        ((["1"], ["0"]), "A weight is a whole number from 1 to 1000."),
        ((["1"], ["much"]), "A weight is a whole number from 1 to 1000."),
    ],
)
def test_refuses_a_mix_that_is_none(
    admin_client: Client, model: LanguageModel, template: PromptTemplate, given: Any, sentence: str
) -> None:
    models = [str(model.pk) for _model in given[0]]
    mixed = {"models-model": models, "models-weight": given[1]}
    response = admin_client.post(ADD, posted(row(template, "a", 100, **mixed)))
    assert errors(response) == [{"models": [sentence]}]


def test_names_the_row_whose_model_is_switched_off(
    admin_client: Client, model: LanguageModel, template: PromptTemplate
) -> None:
    off = factories.language_model(is_enabled=False)
    mixed = {"models-model": [off.pk], "models-weight": [1]}
    rows = (row(template, "a", 50), row(template, "b", 50, **mixed))
    assert errors(admin_client.post(ADD, posted(*rows))) == [
        {},
        {
            "models": [
                f"The model {off}, or its provider, is switched off. Enable it or choose another"
                " model."
            ]
        },
    ]


def test_names_the_row_that_would_get_no_record(
    admin_client: Client, model: LanguageModel, template: PromptTemplate
) -> None:
    rows = (row(template, "a", "99.9"), row(template, "b", "0.1"))
    found = errors(admin_client.post(ADD, posted(*rows, total=10)))
    sentence = "Of 10 records this share is none. Raise the share or the total."
    assert found == [{}, {"share": [sentence]}]


def test_wants_a_count_of_every_row_where_counts_decide(
    admin_client: Client, model: LanguageModel, template: PromptTemplate
) -> None:
    rows = (row(template, "a", count=3), row(template, "b", count=0))
    found = errors(admin_client.post(ADD, posted(*rows, split="counts")))
    assert found == [{}, {"count": ["Say how many records this category is to have."]}]


def test_keeps_what_was_typed_in_a_refused_form(
    admin_client: Client, model: LanguageModel, template: PromptTemplate
) -> None:
    mixed = {"models-model": [model.pk], "models-weight": [7]}
    given = row(template, "a", 99, **mixed) | {"values-topic": "oolong"}
    page = admin_client.post(ADD, posted(given)).content.decode()
    assert "oolong" in page
    assert 'value="7"' in page


def test_shows_the_inputs_of_a_rows_template(
    admin_client: Client, template: PromptTemplate
) -> None:
    given = {"categories-4-template": template.pk, "categories-4-values-topic": "typed"}
    page = admin_client.post(f"{VARIABLES}?row=categories-4", given).content.decode()
    assert 'id="categories-4-variables"' in page
    assert 'name="categories-4-values-topic"' in page
    assert "typed" in page


@pytest.mark.parametrize("row_name", ["", "categories-", "categories-x", "4x"])
def test_knows_no_inputs_of_a_row_that_is_none(admin_client: Client, row_name: str) -> None:
    assert admin_client.post(f"{VARIABLES}?row={row_name}", {}).status_code == 404


def test_shows_the_inputs_to_those_with_a_form_only(template: PromptTemplate) -> None:
    client = viewer("view_ratiotask")
    assert client.post(f"{VARIABLES}?row=categories-0", {}).status_code == 403


def test_shows_two_rows_to_begin_with(admin_client: Client) -> None:
    page = admin_client.get(ADD).content.decode()
    assert 'name="categories-1-share"' in page
    assert 'name="categories-2-share"' not in page
    assert 'data-wrong-sum="The shares add up to {sum}%, not to 100%."' in page


class TestDraft:
    @pytest.fixture
    def task(self, model: LanguageModel, template: PromptTemplate) -> RatioTask:
        task = factories.ratio_task({"a": 50, "b": 50}, model, templates=[factories.template()])
        return fresh(task)

    def edited(self, client: Client, task: RatioTask, **fields: Any) -> dict[str, Any]:
        """Return what a browser sends for a stored task's form."""
        rows = client.get(edit_url(task)).context["rows"]
        given = [{**form.initial, "parameters": "", "values-topic": "tea"} for form in rows]
        for each in given:
            del each["values"], each["models"]
        same = {"name": task.name, "total": 10, "existing_dataset": task.dataset_id}
        return posted(*given, **{**same, **fields})

    def test_is_changed_without_being_started(self, admin_client: Client, task: RatioTask) -> None:
        data = self.edited(admin_client, task, **{"categories-1-name": "c", "total": 30})
        response = admin_client.post(edit_url(task), data, follow=True)
        assert texts(response) == ["Saved. Start it when it is as you want it."]
        changed = fresh(task)
        assert [(row.name, row.count) for row in changed.categories.all()] == [("a", 15), ("c", 15)]
        assert (changed.status, changed.dataset) == ("draft", task.dataset)

    @pytest.mark.parametrize(("latest", "number"), [({}, 1), ({"take_latest": "on"}, 2)])
    def test_keeps_its_template_versions_unless_told_otherwise(
        self, admin_client: Client, task: RatioTask, latest: dict[str, str], number: int
    ) -> None:
        template = task.categories.all()[0].task.template_version.template
        template.prompt = "Newer words about {topic}"
        template.save()
        admin_client.post(edit_url(task), self.edited(admin_client, task, **latest))
        orders = [category.order() for category in fresh(task).categories.all()]
        assert [order.version.number for order in orders] == [number, number]

    def test_is_changed_no_more_once_it_has_run(
        self, admin_client: Client, task: RatioTask
    ) -> None:
        data = self.edited(admin_client, task, name="Other")
        task.start()
        response = admin_client.post(edit_url(task), data, follow=True)
        assert texts(response) == ["The ratio task has run. Clone it, and change the copy."]
        assert not RatioTask.objects.filter(name="Other").exists()
        assert SynthesisTask.objects.count() == 2


def test_what_prompts_show_of_the_dataset_holds_for_every_category(
    admin_client: Client, template: PromptTemplate, model: LanguageModel
) -> None:
    rows = [row(template, "Glad", 60), row(template, "Sad", 40)]
    admin_client.post(ADD, posted(*rows, avoid_count="", example_count=2))
    tasks = SynthesisTask.objects.filter(category__ratio_task__name="Moods")
    assert list(tasks.values_list("avoid_count", "example_count")) == [(0, 2), (0, 2)]
