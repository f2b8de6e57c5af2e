"""Filters of mixtures over odd contents, odd names and the ends of time."""

from __future__ import annotations

from typing import Any

import pytest

from synthesis.models import Dataset, MixtureRow, Record
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def source() -> Dataset:
    return factories.dataset()


def kept(source: Dataset, *contents: Any) -> None:
    rows = factories.records(len(contents), into=source)
    for row, content in zip(rows, contents, strict=True):
        Record.objects.filter(pk=row.pk).update(content=content)


def found(source: Dataset, **fields: Any) -> list[Any]:
    rows = MixtureRow(source=source, **fields).candidates().order_by("pk")
    return [row.content for row in rows]


@pytest.mark.parametrize(
    "name", ['a"b', "a'b", "a\\b", "a.b", "$", "$.a", "[0]", "0", "%s", "{a}", "a->b", "字段", "🫖"]
)
def test_a_field_of_any_name_is_found(source: Dataset, name: str) -> None:
    kept(source, {name: "tea"}, {"a": "tea", "b": "tea"}, {f"{name}2": "tea"})
    assert found(source, field=name, text="tea", is_whole=True) == [{name: "tea"}]


@pytest.mark.parametrize("is_whole", [True, False])
def test_contents_that_are_no_objects_have_no_fields(source: Dataset, is_whole: bool) -> None:
    kept(source, ["tea"], "tea", 7, None, {"0": "tea"})
    assert found(source, field="0", text="tea", is_whole=is_whole) == [{"0": "tea"}]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("100%", [0]),
        ("_", [1]),
        ("\\", [2]),
        ("ÉTÉ", [3]),
        ("' OR 1=1 --", []),
        ("*", []),
    ],
)
def test_signs_of_patterns_are_texts(source: Dataset, text: str, places: list[int]) -> None:
    contents = [{"a": value} for value in ("100%", "a_b", "a\\b", "ÉTÉ", "plain")]
    kept(source, *contents)
    assert found(source, field="a", text=text) == [contents[place] for place in places]


@pytest.mark.parametrize(
    ("text", "content"),
    [("3", {"a": 3}), ("true", {"a": True}), ("2.5", {"a": 2.5}), ("茶", {"a": "茶"})],
)
def test_values_are_compared_as_they_are_read(source: Dataset, text: str, content: Any) -> None:
    kept(source, content, {"a": None}, {"b": text})
    assert found(source, field="a", text=text, is_whole=True) == [content]


@pytest.mark.parametrize(
    ("fields", "count"),
    [
        ({"created_from": "0001-01-01", "created_to": "9999-12-31"}, 2),
        ({"created_from": "9999-12-31"}, 0),
        ({"created_to": "0001-01-01"}, 0),
        ({"created_from": "2026-02-01", "created_to": "2026-01-01"}, 0),
        ({"score_from": -1e308, "score_to": 1e308}, 2),
        ({"score_from": 60, "score_to": 40}, 0),
        ({"judge_from": 0}, 0),
        ({"category": "x" * 100}, 0),
        ({"category": "' --"}, 0),
        ({"review": "rejected"}, 0),
    ],
)
def test_limits_at_the_ends_find_all_or_nothing(
    source: Dataset, fields: dict[str, Any], count: int
) -> None:
    factories.records(2, into=source)
    assert len(found(source, **fields)) == count
