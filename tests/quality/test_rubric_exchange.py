from __future__ import annotations

import json
from typing import Any

import pytest

from providers.admin.exchange import IndentedJSON
from quality.admin.rubric_exchange import RubricResource
from quality.models import Rubric
from tests import factories
from tests.factories import dimension

pytestmark = pytest.mark.django_db


def exported() -> str:
    return IndentedJSON().export_data(RubricResource().export())


def imported(*rows: dict[str, Any]) -> Any:
    dataset = IndentedJSON().create_dataset(json.dumps(rows))
    return RubricResource().import_data(dataset, dry_run=False)


def test_a_rubric_comes_back_as_it_was() -> None:
    rubric = factories.rubric(dimension("正确性", weight=2), template_type="qa", name="问答")
    text = exported()
    rubric.delete()
    assert imported(*json.loads(text)).totals["new"] == 1
    assert exported() == text
    assert "正确性" in text


def test_importing_the_same_again_changes_nothing() -> None:
    factories.rubric()
    assert imported(*json.loads(exported())).totals["skip"] == 1


def test_a_changed_rubric_gets_a_version() -> None:
    factories.rubric(name="One")
    [row] = json.loads(exported())
    assert imported(row | {"dimensions": [dimension("Style")]}).totals["update"] == 1
    assert Rubric.objects.get().latest_version.number == 2


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ([], "A rubric needs at least one dimension. Add one."),
        ([dimension(weight=0)], "All weights are 0. Give at least one dimension a weight above 0."),
    ],
)
def test_a_row_that_is_no_rubric_is_refused_in_words(given: Any, sentence: str) -> None:
    result = imported({"name": "New", "dimensions": given})
    assert [text for row in result.invalid_rows for text in row.error.messages] == [sentence]
    assert not Rubric.objects.exists()


def test_dimensions_of_another_shape_are_refused_in_words() -> None:
    result = imported({"name": "New", "dimensions": {"name": "Truth"}})
    [row] = result.invalid_rows
    assert row.error.messages[0] == "“{'name': 'Truth'}” has the wrong shape."
