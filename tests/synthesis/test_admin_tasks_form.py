from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from providers.models import LanguageModel
from synthesis.models import Dataset, PromptTemplate, Run, SynthesisTask
from tests import factories
from tests.synthesis.test_admin_tasks_list import viewer

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

ADD = reverse("admin:synthesis_synthesistask_add")
VARIABLES = reverse("admin:synthesis_synthesistask_variables")
EVERY_TYPE = [
    {"name": "topic", "type": "text", "required": True, "description": "What it is about"},
    {"name": "level", "type": "integer", "default": 3},
    {"name": "ratio", "type": "number"},
    {"name": "difficulty", "type": "choice", "choices": ["easy", "hard"]},
    {"name": "styles", "type": "list", "default": ["formal", "casual"]},
    {"name": "strict", "type": "boolean", "default": True},
]
PROMPT = "{topic} {level} {ratio} {difficulty} {styles} {strict}"


@pytest.fixture
def model() -> LanguageModel:
    return factories.language_model(is_default=True)


@pytest.fixture
def template() -> PromptTemplate:
    return factories.template(
        prompt=PROMPT,
        variables=[{**row, "required": row.get("required", False)} for row in EVERY_TYPE],
    )


def posted(template: PromptTemplate, *mix: tuple[LanguageModel, int], **fields: Any) -> dict:
    """Return what a browser sends for a filled-in form."""
    data = {
        "name": "A task",
        "description": "",
        "template": template.pk,
        "values-topic": "tea",
        "target_count": 20,
        "parameters": "{}",
        "batch_size": 10,
        "concurrency": 8,
        "max_attempts": 5,
        "seed": 1,
        "output_format": "jsonl",
        "task_models-TOTAL_FORMS": len(mix),
        "task_models-INITIAL_FORMS": 0,
        "quality-TOTAL_FORMS": 0,
        "quality-INITIAL_FORMS": 0,
    }
    for index, (model, weight) in enumerate(mix):
        data[f"task_models-{index}-language_model"] = model.pk
        data[f"task_models-{index}-weight"] = weight
    return {**data, **fields}


def edit_url(task: SynthesisTask) -> str:
    return reverse("admin:synthesis_synthesistask_change", args=[task.pk])


def texts(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def errors(response: Any) -> dict[str, list[str]]:
    return response.context["adminform"].form.errors


def mix_errors(response: Any) -> list[str]:
    return response.context["inline_admin_formsets"][0].formset.non_form_errors()


def test_creates_a_task_and_starts_it(
    admin_client: Client, model: LanguageModel, template: PromptTemplate
) -> None:
    response = admin_client.post(ADD, posted(template), follow=True)
    task = SynthesisTask.objects.get()
    assert task.status == "pending"
    assert task.created_by.username == "admin"
    assert "The task was created and has started." in texts(response)
    assert response.redirect_chain == [(edit_url(task), 302)]


def test_stores_values_of_their_variables_types(
    admin_client: Client, model: LanguageModel, template: PromptTemplate
) -> None:
    values = {
        "values-level": "4",
        "values-ratio": "0.5",
        "values-difficulty": "hard",
        "values-styles": "one\ntwo",
        "values-strict-shown": "1",
    }
    admin_client.post(ADD, posted(template, **values))
    assert SynthesisTask.objects.get().values == {
        "topic": "tea",
        "level": 4,
        "ratio": 0.5,
        "difficulty": "hard",
        "styles": ["one", "two"],
        "strict": False,
    }


def test_leaves_out_values_that_were_left_empty(
    admin_client: Client, model: LanguageModel, template: PromptTemplate
) -> None:
    admin_client.post(ADD, posted(template, **{"values-level": "", "values-difficulty": ""}))
    assert SynthesisTask.objects.get().values == {"topic": "tea"}


def test_keeps_the_input_and_names_the_variable_that_is_wrong(
    admin_client: Client, model: LanguageModel, template: PromptTemplate
) -> None:
    response = admin_client.post(
        ADD, posted(template, **{"values-topic": "", "values-level": "four"}, temperature="0.4")
    )
    page = response.content.decode()
    assert errors(response)["values"] == ["Some variables need another value."]
    assert "Give a value for topic." in page
    assert "level must be a whole number." in page
    assert 'value="four"' in page
    assert 'value="0.4"' in page
    assert not SynthesisTask.objects.exists()
    assert not Dataset.objects.exists()


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({"temperature": "9"}, "temperature", "temperature must be a number from 0 to 2."),
        ({"top_p": "2"}, "top_p", "top_p must be a number from 0 to 1."),
        (
            {"parameters": "[1]"},
            "parameters",
            'Parameters must be a JSON object, such as {"temperature": 0.7}.',
        ),
        ({"parameters": "{"}, "parameters", "Enter a valid JSON."),
        (
            {"target_count": "0"},
            "target_count",
            "Ensure this value is greater than or equal to 1.",
        ),
        ({"template": ""}, "template", "This field is required."),
    ],
)
def test_says_at_the_field_what_is_wrong(
    admin_client: Client,
    model: LanguageModel,
    template: PromptTemplate,
    fields: dict[str, str],
    field: str,
    sentence: str,
) -> None:
    response = admin_client.post(ADD, {**posted(template), **fields})
    assert errors(response)[field] == [sentence]
    assert not SynthesisTask.objects.exists()


def test_names_parameters_that_nobody_knows(
    admin_client: Client, model: LanguageModel, template: PromptTemplate
) -> None:
    response = admin_client.post(ADD, posted(template, parameters='{"warmth": 1}'))
    assert errors(response)["parameters"][0].startswith("There is no parameter warmth;")


def test_refuses_a_task_without_any_model(admin_client: Client, template: PromptTemplate) -> None:
    response = admin_client.post(ADD, posted(template))
    assert mix_errors(response) == [
        "No language model is chosen and there is no default one. Choose a model."
    ]
    assert 'name="values-topic"' in response.content.decode()
    assert not Dataset.objects.exists()


def test_refuses_a_model_that_is_switched_off(
    admin_client: Client, template: PromptTemplate
) -> None:
    off = factories.language_model(is_enabled=False)
    response = admin_client.post(ADD, posted(template, (off, 1)))
    assert mix_errors(response) == [
        f"The model {off}, or its provider, is switched off. Enable it or choose another model."
    ]


def test_refuses_the_same_model_twice(
    admin_client: Client, model: LanguageModel, template: PromptTemplate
) -> None:
    response = admin_client.post(ADD, posted(template, (model, 1), (model, 2)))
    assert mix_errors(response)
    assert not SynthesisTask.objects.exists()


def test_takes_a_weighted_mix(admin_client: Client, template: PromptTemplate) -> None:
    first, second = factories.language_model(), factories.language_model()
    admin_client.post(ADD, posted(template, (first, 3), (second, 1)))
    run = Run.objects.get()
    assert [(row["language_model"], row["weight"]) for row in run.mix] == [
        (first.pk, 3),
        (second.pk, 1),
    ]


def test_takes_the_templates_model_when_none_is_chosen(
    admin_client: Client, model: LanguageModel
) -> None:
    own = factories.language_model()
    template = factories.template(language_model=own)
    admin_client.post(ADD, posted(template))
    assert Run.objects.get().mix[0]["language_model"] == own.pk


def test_reports_parameters_that_a_model_does_not_take(
    admin_client: Client, template: PromptTemplate
) -> None:
    plain = factories.language_model(capabilities=[])
    response = admin_client.post(
        ADD, posted(template, (plain, 1), temperature="0.4", top_p="0.9"), follow=True
    )
    assert f"{plain} does not take temperature, top_p; it is not sent." in texts(response)


def test_merges_own_and_other_parameters(
    admin_client: Client, model: LanguageModel, template: PromptTemplate
) -> None:
    admin_client.post(
        ADD, posted(template, temperature="0.4", max_tokens="100", parameters='{"stop": ["x"]}')
    )
    assert SynthesisTask.objects.get().parameters == {
        "stop": ["x"],
        "temperature": 0.4,
        "max_tokens": 100,
    }


@pytest.mark.parametrize(("typed", "name"), [("", "A task"), ("fresh", "fresh")])
def test_creates_the_dataset(
    admin_client: Client, model: LanguageModel, template: PromptTemplate, typed: str, name: str
) -> None:
    admin_client.post(ADD, posted(template, new_dataset=typed))
    assert SynthesisTask.objects.get().dataset.name == name


def test_writes_into_an_existing_dataset(
    admin_client: Client, model: LanguageModel, template: PromptTemplate
) -> None:
    known = factories.dataset()
    admin_client.post(ADD, posted(template, existing_dataset=known.pk))
    assert SynthesisTask.objects.get().dataset == known


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        (True, "Choose a dataset or name a new one, not both."),
        (False, "There is a dataset of this name already; choose it from the list."),
    ],
)
def test_refuses_a_dataset_that_is_not_clear(
    admin_client: Client,
    model: LanguageModel,
    template: PromptTemplate,
    chosen: bool,
    sentence: str,
) -> None:
    known = factories.dataset("known")
    fields = {"existing_dataset": known.pk} if chosen else {}
    response = admin_client.post(ADD, posted(template, new_dataset="known", **fields))
    assert errors(response)["new_dataset"] == [sentence]


def test_refuses_a_name_that_is_taken(
    admin_client: Client, model: LanguageModel, template: PromptTemplate
) -> None:
    factories.task(name="A task")
    response = admin_client.post(ADD, posted(template))
    assert errors(response)["name"] == ["Synthesis task with this Task name already exists."]


def test_prefills_the_template_of_the_address(
    admin_client: Client, template: PromptTemplate
) -> None:
    page = admin_client.get(f"{ADD}?template={template.pk}").content.decode()
    assert f'<option value="{template.pk}" selected>' in page
    assert 'name="values-topic"' in page
    assert "What it is about" in page


def test_offers_only_templates_that_are_enabled(admin_client: Client) -> None:
    factories.template(name="switched off", is_enabled=False)
    assert "switched off" not in admin_client.get(ADD).content.decode()


def test_loads_the_inputs_of_a_template_with_what_was_typed(
    admin_client: Client, template: PromptTemplate
) -> None:
    fragment = admin_client.post(
        VARIABLES, {"template": template.pk, "values-topic": "<b>tea</b>"}
    ).content.decode()
    assert "&lt;b&gt;tea&lt;/b&gt;" in fragment
    assert "Any: each batch draws one" in fragment
    assert ">formal\ncasual</textarea>" in fragment
    assert "<html" not in fragment


@pytest.mark.parametrize("chosen", ["", "0", "x", "99999"])
def test_shows_a_hint_when_no_template_is_chosen(admin_client: Client, chosen: str) -> None:
    fragment = admin_client.post(VARIABLES, {"template": chosen}).content.decode()
    assert "The template's variables appear here." in fragment


def test_needs_a_post_for_the_inputs(admin_client: Client) -> None:
    assert admin_client.get(VARIABLES).status_code == 405


def test_changes_a_task_for_its_next_run(
    admin_client: Client, model: LanguageModel, template: PromptTemplate
) -> None:
    task = factories.task(model, template=template, values={"topic": "tea"})
    run = factories.run(task, status="completed")
    response = admin_client.post(
        edit_url(task),
        posted(
            template,
            target_count=77,
            existing_dataset=task.dataset_id,
            **{"task_models-TOTAL_FORMS": 0},
        ),
        follow=True,
    )
    task.refresh_from_db()
    run.refresh_from_db()
    assert (task.target_count, run.target_count) == (77, 10)
    assert "Saved. The next run takes the new configuration." in texts(response)


def test_shows_stored_parameters_and_values_in_the_form(admin_client: Client) -> None:
    task = factories.task(parameters={"temperature": 0.3, "stop": ["x"]}, values={"topic": "rice"})
    form = admin_client.get(f"{edit_url(task)}?edit=1").context["adminform"].form
    assert form.initial["temperature"] == 0.3
    assert form.initial["parameters"] == {"stop": ["x"]}
    assert "rice" in form["values"].as_widget()


def test_shows_a_choice_of_several_that_the_api_stored(
    admin_client: Client, model: LanguageModel, template: PromptTemplate
) -> None:
    values = {"topic": "tea", "difficulty": ["easy", "hard"]}
    task = factories.task(model, template=template, values=values)
    form = admin_client.get(f"{edit_url(task)}?edit=1").context["adminform"].form
    assert "easy, hard</option>" in form["values"].as_widget()
    data = posted(template, **{"values-difficulty": '["easy", "hard"]'})
    admin_client.post(edit_url(task), data)
    task.refresh_from_db()
    assert task.values["difficulty"] == ["easy", "hard"]


@pytest.mark.parametrize("method", ["get", "post"])
def test_does_not_change_a_task_that_runs(admin_client: Client, method: str) -> None:
    run = factories.run(status="running")
    url = f"{edit_url(run.task)}?edit=1"
    response = getattr(admin_client, method)(url, follow=True)
    assert texts(response) == [
        "The task is running. Pause it, or wait until it ends, to change it."
    ]


def test_keeps_the_template_version_unless_the_latest_is_asked_for(
    admin_client: Client, model: LanguageModel
) -> None:
    template = factories.template()
    task = factories.task(model, template=template)
    template.prompt += " Be brief."
    template.save()
    data = posted(template, existing_dataset=task.dataset_id, name=task.name)
    admin_client.post(edit_url(task), data)
    task.refresh_from_db()
    assert task.template_version.number == 1
    admin_client.post(edit_url(task), {**data, "take_latest": "on"})
    task.refresh_from_db()
    assert task.template_version.number == 2


def test_offers_the_latest_version_only_when_there_is_a_newer_one(admin_client: Client) -> None:
    task = factories.task()
    url = f"{edit_url(task)}?edit=1"
    assert 'name="take_latest"' not in admin_client.get(url).content.decode()
    template = task.template_version.template
    template.prompt += " Be brief."
    template.save()
    assert 'name="take_latest"' in admin_client.get(url).content.decode()


def test_does_not_show_a_form_without_permission() -> None:
    task = factories.task()
    client = viewer("view_synthesistask")
    assert client.get(f"{edit_url(task)}?edit=1").status_code == 403
    assert client.get(ADD).status_code == 403
    assert client.post(VARIABLES, {}).status_code == 403


def test_what_prompts_show_of_the_dataset_goes_from_the_form_to_the_run(
    admin_client: Client, template: PromptTemplate, model: LanguageModel
) -> None:
    admin_client.post(ADD, posted(template, avoid_count=3, example_count=""))
    task = SynthesisTask.objects.get(name="A task")
    run = task.latest_run or task.start()
    assert (run.avoid_count, run.example_count) == (3, 0)
    page = admin_client.get(edit_url(task)).content.decode()
    assert page.count("Records to avoid") == 1


def test_a_prompt_shows_only_so_much_of_the_dataset(
    admin_client: Client, template: PromptTemplate, model: LanguageModel
) -> None:
    response = admin_client.post(ADD, posted(template, avoid_count=51, example_count=6))
    errors = response.context["adminform"].form.errors
    assert errors["avoid_count"] == ["Ensure this value is less than or equal to 50."]
    assert errors["example_count"] == ["Ensure this value is less than or equal to 5."]
