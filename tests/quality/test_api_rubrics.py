from __future__ import annotations

from typing import Any

import pytest

from quality.models import Rubric
from tests import api, factories
from tests.factories import dimension

pytestmark = pytest.mark.django_db

URL = "/api/v1/rubrics/"


def given(*rows: Any, **fields: Any) -> dict[str, Any]:
    return {"name": "Mine", "dimensions": list(rows), **fields}


def test_a_rubric_is_made_with_its_first_version():
    answer = api.editor().post(URL, given({"name": "Truth", "levels": {"1": "no", "5": "yes"}}))
    assert (answer.status_code, answer.data["version"]) == (201, 1)
    assert answer.data["dimensions"][0]["weight"] == 1
    assert answer.data["created_by"].startswith("user")


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([], "A rubric needs at least one dimension. Add one."),
        (
            [dimension(levels={"1": "bad"})],
            "Correctness: describe at least two of the levels 1 to 5, or judges will not agree.",
        ),
        (
            [dimension(), dimension()],
            "Two dimensions are called “Correctness”. Give each a name of its own.",
        ),
        ([dimension(weight=0)], "All weights are 0. Give at least one dimension a weight above 0."),
    ],
)
def test_what_is_no_rubric_is_refused_in_words(rows, sentence):
    answer = api.editor().post(URL, given(*rows))
    assert (answer.status_code, answer.json()["fields"]) == (400, {"dimensions": [sentence]})
    assert not Rubric.objects.exists()


def test_a_change_makes_a_version_and_both_are_listed():
    rubric = factories.rubric()
    client = api.editor()
    changed = client.patch(f"{URL}{rubric.pk}/", {"dimensions": [dimension("Style")]})
    assert changed.data["version"] == 2
    rows = client.get(f"{URL}{rubric.pk}/versions/").data["results"]
    assert [(row["number"], row["dimensions"][0]["name"]) for row in rows] == [
        (2, "Style"),
        (1, "Correctness"),
    ]


def test_a_rubric_in_use_cannot_be_deleted():
    rubric = factories.rubric()
    factories.judgement(factories.records(1)[0], rubric_version=rubric.latest_version)
    answer = api.editor().delete(f"{URL}{rubric.pk}/")
    assert (answer.status_code, answer.data["code"]) == (409, "in_use")
    assert answer.data["detail"] == "It is still used by judgements. Delete those first."


def test_a_copy_has_a_name_of_its_own():
    rubric = factories.rubric(name="One")
    answer = api.editor().post(f"{URL}{rubric.pk}/duplicate/")
    assert (answer.status_code, answer.data["name"]) == (201, "One (2)")


@pytest.mark.parametrize(("verbs", "status"), [(("view",), 403), (("view", "add"), 201)])
def test_copying_needs_the_right_to_add(verbs, status):
    rubric = factories.rubric()
    assert api.client(*verbs).post(f"{URL}{rubric.pk}/duplicate/").status_code == status


def test_rubrics_are_found_by_kind():
    wanted = factories.rubric(template_type="qa")
    factories.rubric(template_type="summary")
    rows = api.client("view").get(f"{URL}?template_type=qa").data["results"]
    assert [row["id"] for row in rows] == [wanted.pk]
