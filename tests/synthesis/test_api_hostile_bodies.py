"""What no database stores, sent to the API, is refused or made harmless and never an error."""

from __future__ import annotations

import json

import pytest

from tests import api, factories

pytestmark = pytest.mark.django_db
V1 = "/api/v1/"
HOSTILE = {
    "NUL": r'"a\u0000b"',
    "half a surrogate": r'"\ud800"',
    "NUL in an object": r'{"topic": "\u0000"}',
    "half a surrogate in an object": r'{"topic": "\ud800"}',
    "NUL as a name": r'{"\u0000": 1}',
    "an infinite number": '{"topic": 1e999}',
    "an infinite number of a parameter": '{"temperature": 1e999}',
    "a number of many digits": '{"seed": 1' + "0" * 400 + "}",
    "half a surrogate in a list": r'[{"name": "topic", "type": "text", "default": "\ud800"}]',
    "an empty object in a list": "[{}]",
    "null in a list": "[null]",
    "depth": '{"topic": ' + "[" * 300 + "]" * 300 + "}",
}


@pytest.fixture
def bodies():
    """A valid body by endpoint."""
    model, template = factories.language_model(), factories.template()
    task = factories.task(model)
    [record] = factories.records(1)
    category = {"name": "x", "share": "100", "template": template.pk, "values": {"topic": "tea"}}
    content = {"prompt": "{topic}", "variables": [{"name": "topic", "type": "text"}]}
    return {
        "post tasks/": {"name": "n", "template": template.pk, "target_count": 2, "start": False},
        f"patch tasks/{task.pk}/": {"description": "d"},
        "post ratio-tasks/": {"name": "r", "total": 9, "categories": [category], "start": False},
        "post templates/": {"name": "t", **content, "output_schema": {}, "examples": []},
        "post rubrics/": {"name": "q", "dimensions": [factories.dimension()]},
        f"patch records/{record.pk}/": {"content": {"a": 1}},
    }


def sent(body: dict, field: str, raw: str) -> str:
    return json.dumps({**body, field: "@"}).replace('"@"', raw)


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize(
    ("endpoint", "fields"),
    [
        ("post tasks/", ["name", "values", "parameters", "models", "template"]),
        ("patch tasks/", ["name", "values", "parameters", "models"]),
        ("post ratio-tasks/", ["name", "categories"]),
        ("post templates/", ["name", "variables", "output_schema", "parameters", "examples"]),
        ("post rubrics/", ["name", "dimensions"]),
        ("patch records/", ["content"]),
    ],
)
def test_is_answered_by_a_client_error_or_stored(bodies, endpoint, fields, hostile):
    [(words, body)] = [(key, body) for key, body in bodies.items() if key.startswith(endpoint)]
    method, path = words.split()
    client = api.editor()
    for field in fields:
        data = sent(body, field, hostile)
        answer = client.generic(method.upper(), V1 + path, data, content_type="application/json")
        assert answer.status_code in (200, 201, 400), (field, answer.content[:200])


@pytest.mark.parametrize(
    ("models", "problem"),
    [
        ([{}], {"language_model": ["This field is required."]}),
        ([{"weight": 2}], {"language_model": ["This field is required."]}),
    ],
)
def test_a_mix_of_nothing_is_refused_where_it_stands(models, problem):
    task = factories.task()
    answer = api.editor().patch(f"{V1}tasks/{task.pk}/", {"models": models})
    assert answer.status_code == 400
    assert answer.json()["fields"]["models"] == {"0": problem}


def test_a_model_without_a_weight_has_the_weight_one():
    task, model = factories.task(), factories.language_model()
    models = [{"language_model": model.pk}]
    assert api.editor().patch(f"{V1}tasks/{task.pk}/", {"models": models}).status_code == 200
    assert [row.weight for row in task.task_models.all()] == [1]


@pytest.mark.parametrize("kind", ["a task", "a change of one", "a category"])
def test_a_model_that_is_named_twice_is_refused(kind):
    model, template, task = factories.language_model(), factories.template(), factories.task()
    models = [{"language_model": model.pk, "weight": weight} for weight in (1, 3)]
    order = {"name": "n", "template": template.pk, "models": models}
    method, path, body = {
        "a task": ("post", "tasks/", {**order, "target_count": 2}),
        "a change of one": ("patch", f"tasks/{task.pk}/", {"models": models}),
        "a category": (
            "post",
            "ratio-tasks/",
            {"name": "r", "total": 9, "categories": [{**order, "share": 100}]},
        ),
    }[kind]
    answer = getattr(api.editor(), method)(V1 + path, body)
    assert answer.status_code == 400
    assert "Each model may be named once; give it a weight." in answer.content.decode()
