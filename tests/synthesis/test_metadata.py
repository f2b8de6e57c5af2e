"""What exports add to a content, and what imports take away again, on plain rows."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthesis import metadata

pytestmark = pytest.mark.any_database

ROW = {
    "pk": 7,
    "content": {"question": "Tea?"},
    "status": "accepted",
    "score": 81.5,
    "score_parts": {"length": 90},
    "judge_score": None,
    "review": "approved",
    "review_note": "Good.",
    "category": "tea",
    "run": 3,
    "run__task__name": "Teas",
    "language_model__name": "writer",
    "origin": 5,
    "origin__dataset__name": "Drinks",
    "source_item__source__name": "Leaves",
    "source_item__position": 4,
    "source_item__file__name": "tea.pdf",
    "source_item__page": 2,
    "created_at": datetime(2026, 5, 4, 12, 30, tzinfo=UTC),
}
NAMES = st.text("_meta.2id茶", max_size=8)


def described(**fields: Any) -> dict[str, Any]:
    return metadata.described(SimpleNamespace(**{**ROW, **fields}))


def test_describes_a_row_under_every_name_and_no_other() -> None:
    assert tuple(described()) == metadata.NAMES


@pytest.mark.parametrize(
    ("fields", "name", "expected"),
    [
        ({"run": None, "run__task__name": None}, "task", ""),
        ({"run": None}, "run", None),
        ({"language_model__name": None}, "model", ""),
        ({}, "origin", 5),
        ({}, "origin_dataset", "Drinks"),
        ({"origin__dataset__name": None}, "origin_dataset", ""),
        ({}, "source", "Leaves"),
        ({"source_item__source__name": None}, "source", ""),
        ({}, "source_item", 5),
        ({"source_item__position": None}, "source_item", None),
        ({"source_item__file__name": None}, "source_document", ""),
        ({}, "source_page", 2),
        ({"score": None}, "score", None),
        ({"score": 0.0}, "score", 0.0),
        ({"review_note": "=1+1"}, "review_note", "=1+1"),
        ({}, "created_at", "2026-05-04T12:30:00+00:00"),
        ({}, "id", 7),
    ],
    ids=[
        "no task",
        "no run",
        "no model",
        "the record that it was copied from",
        "the dataset of that",
        "no copy",
        "the source",
        "no source",
        "the item, from 1",
        "no item",
        "no document",
        "the page",
        "no score",
        "a score of nothing",
        "a formula",
        "time",
        "id",
    ],
)
def test_describes(fields: dict[str, Any], name: str, expected: Any) -> None:
    assert described(**fields)[name] == expected


@pytest.mark.parametrize("key", ["_meta", "_meta_2", "_meta_31"])
class TestKey:
    def test_an_object_under_it_is_left_out(self, key: str) -> None:
        assert metadata.without({"a": 1, key: described()}) == {"a": 1}

    def test_columns_under_it_are_left_out(self, key: str) -> None:
        flat = metadata.flat(key, described())
        assert metadata.without({**flat, "a": 1}) == {"a": 1}

    def test_columns_are_those_of_the_flat_row_in_their_order(self, key: str) -> None:
        assert list(metadata.flat(key, described())) == metadata.columns(key)

    def test_a_part_of_an_object_is_known_by_id_and_status(self, key: str) -> None:
        assert metadata.without({key: {"id": 1, "status": "accepted"}}) == {}

    @pytest.mark.parametrize("others", [(), ("score",), ("status", "review")], ids=str)
    def test_columns_without_all_that_is_always_said_are_somebody_s_own(
        self, key: str, others: tuple[str, ...]
    ) -> None:
        own = {f"{key}.{name}": "mine" for name in ("model", *others)}
        assert metadata.without(own) == own

    @pytest.mark.parametrize(
        "value",
        [None, "", "accepted", 7, [], ["id", "status"], {}, {"id": 1}, {"status": "accepted"}],
        ids=repr,
    )
    def test_what_says_less_is_somebody_s_own(self, key: str, value: Any) -> None:
        assert metadata.without({key: value}) == {key: value}


@pytest.mark.parametrize(
    "name",
    [
        "_meta_",
        "_meta_x",
        "_meta2",
        "__meta",
        "meta",
        "_META",
        "_meta.",
        "_meta.ID",
        "_meta.id.x",
        "_meta.id ",
        " _meta.id",
        "_meta_2.",
        "_meta_.id",
        "x_meta.id",
        "_meta\n",
        "_meta.id\n",
        "",
    ],
)
def test_leaves_a_field_of_another_name(name: str) -> None:
    own = {name: {"id": 1, "status": "accepted"}}
    assert metadata.without(own) == own


@given(st.dictionaries(NAMES, st.integers() | NAMES, max_size=5))
def test_gives_a_content_back_as_it_was(content: dict[str, Any]) -> None:
    told = {**content, "_meta": described(), **metadata.flat("_meta_2", described())}
    own = {name: value for name, value in content.items() if name not in ("_meta", "_meta_2.id")}
    assert metadata.without(told).items() >= own.items()
    assert not metadata.without(told).keys() - content.keys()


class TestSources:
    def test_fill_in_what_they_know_of_each_record(self, monkeypatch: pytest.MonkeyPatch) -> None:
        said = {7: {"judge_dimensions": {"truth": 4.5}}}
        monkeypatch.setattr(metadata, "SOURCES", [lambda rows: said])
        rows = [SimpleNamespace(**ROW), SimpleNamespace(**{**ROW, "pk": 8})]
        found = metadata.of(rows)
        assert [row["judge_dimensions"] for row in found] == [{"truth": 4.5}, {}]

    def test_are_asked_once_for_a_page(self, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: list[int] = []

        def source(rows: Any) -> dict[int, Any]:
            asked.append(len(rows))
            return {}

        monkeypatch.setattr(metadata, "SOURCES", [source])
        metadata.of([SimpleNamespace(**ROW)] * 3)
        assert asked == [3]

    def test_an_empty_page_has_nothing_to_say(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(metadata, "SOURCES", [])
        assert metadata.of([]) == []
