"""The tables of a report, from reports that hold one thing at a time."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from quality import scoring
from quality.evaluation import advice, comparison, tables, words
from quality.evaluation.comparison import Difference

pytestmark = pytest.mark.any_database

SUMMARY = {"least": 1, "median": 2, "mean": 2.5, "ninetieth": 4, "most": 5}
LARGEST = [{"record": 7, "copies": 4}, {"record": 9, "copies": 1}]
REPORT: dict[str, Any] = {
    "records": 10,
    "accepted": 4,
    "statuses": {"accepted": 4, "malformed": 1, "rejected": 2, "duplicate": 3},
    "waterfall": [{"step": step, "left": 4, "lost": 0, "reasons": {}} for step in words.STEPS],
    "findings": [],
    "duplicates": {
        "records": 3,
        "exact": 2,
        "near": 1,
        "variants": 0,
        "clusters": 2,
        "largest": LARGEST,
    },
    "repeats": {"records": 5, "exact": 3, "near": 2, "clusters": 2, "largest": LARGEST},
    "lengths": {**SUMMARY, "histogram": [{"from": 0, "to": None, "records": 4}]},
    "languages": {"zh": 3, "latin": 1},
    "balance": None,
    "fields": [{"field": "text", "records": 4, "empty": 1, "mean_characters": 2.5}],
    "diversity": {
        "sample": 4,
        "compared": 4,
        **dict.fromkeys(("distinct_1", "distinct_2", "distinct_3"), 0.5),
        "compression_ratio": 2.5,
        "mean_similarity": None,
        "nearest_similarity": None,
    },
    "scores": None,
    "judge": None,
    "reviews": {"unreviewed": 4},
    "worst": [],
}
SCORES = {
    **SUMMARY,
    "records": 4,
    "parts": dict.fromkeys(scoring.PARTS, 80.0),
    "histogram": [{"from": edge, "to": edge + 10, "records": edge // 10} for edge in (0, 10, 90)],
}
JUDGE = {
    "records": 2,
    "judgements": 3,
    "passed": 1,
    "failed": 1,
    "score": {"mean": 75.0, "low": 60.0, "high": 90.0, "count": 3},
    "dimensions": [{"name": "truth", "mean": 3.0, "low": None, "high": None, "count": 1}],
}


def table(key: str, **changes: Any) -> tables.Table | None:
    found = {one.key: one for one in tables.of({**REPORT, **changes})}
    return found.get(key)


class TestRepeats:
    def test_bars_are_shares_of_the_largest(self) -> None:
        found = table("repeats")
        assert [(row.cells[1], row.share, row.record) for row in found.rows] == [
            (4, 1.0, 7),
            (1, 0.25, 9),
        ]

    def test_the_note_adds_up(self) -> None:
        report = {"accepted": 20}
        assert table("repeats", **report).note == (
            "5 accepted records, 25.0% of them, repeat one of 2 others: 3 with the same content,"
            " 2 in slightly other words."
        )

    @pytest.mark.parametrize(
        "section",
        [None, {**REPORT["repeats"], "records": 0, "largest": []}],
        ids=["not searched", "none found"],
    )
    def test_nothing_is_no_table(self, section: Any) -> None:
        assert table("repeats", repeats=section) is None

    def test_is_told_in_chinese(self) -> None:
        with translation.override("zh-hans"):
            found = table("repeats")
        assert not any(letter.isascii() and letter.isalpha() for letter in found.note + found.title)

    @pytest.mark.parametrize(
        ("records", "accepted", "codes"),
        [
            (0, 200, []),
            (1, 101, []),
            (1, 100, ["repeats"]),
            (2, 200, ["repeats"]),
            (199, 200, ["repeats"]),
            (0, 0, []),
        ],
    )
    def test_advice_begins_at_one_in_a_hundred(
        self, records: int, accepted: int, codes: list[str]
    ) -> None:
        quiet = {**REPORT, "duplicates": {"records": 0}, "accepted": accepted}
        given_codes = [
            entry["code"]
            for entry in advice.yield_advice({**quiet, "repeats": {"records": records}})
        ]
        assert given_codes == codes

    @pytest.mark.parametrize(
        ("section", "expected"),
        [
            (None, {}),
            ({"records": 0}, {"repeats": 0.0}),
            ({"records": 1}, {"repeats": 0.25}),
            ({"records": 3}, {"repeats": 0.75}),
        ],
        ids=["not searched", "none", "one of four", "three of four"],
    )
    def test_are_compared_as_a_share_of_the_accepted(
        self, section: Any, expected: dict[str, float]
    ) -> None:
        assert comparison.repeats({**REPORT, "repeats": section}) == expected

    def test_an_old_report_is_compared_with_a_new_one(self) -> None:
        old = {name: value for name, value in REPORT.items() if name != "repeats"}
        [row] = [row for row in comparison.compare(old, REPORT) if row.metric == "repeats"]
        assert (row.first, row.second, row.change) == (None, 1.25, None)
        assert row.shown == ["–", "125.0%", "–"]


@pytest.mark.parametrize(
    ("key", "changes"),
    [
        ("balance", {"balance": None}),
        ("scores", {"scores": None}),
        ("score_parts", {"scores": None}),
        ("judge", {"judge": None}),
        ("judge", {"judge": {**JUDGE, "score": None, "dimensions": []}}),
        ("worst", {"worst": []}),
        ("findings", {"findings": []}),
        ("reasons", {}),
        ("fields", {"fields": []}),
        ("reviews", {"reviews": {}}),
    ],
    ids=lambda value: value if isinstance(value, str) else "without",
)
def test_a_table_with_nothing_to_show_is_left_out(key: str, changes: dict[str, Any]) -> None:
    assert table(key, **changes) is None


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("accepted", [0, 4])
def test_every_row_has_a_cell_for_each_head(language: str, accepted: int) -> None:
    worst = [{"record": 1, "score": 5.0, "parts": {}, "excerpt": "<b>"}]
    whole = {**REPORT, "scores": SCORES, "judge": JUDGE, "worst": worst, "accepted": accepted}
    with translation.override(language):
        for found in tables.of(whole):
            assert {len(row.cells) for row in found.rows} == {len(found.head)}
            assert found.numbers <= set(range(len(found.head)))
            assert "%(" not in found.note + found.title


@pytest.mark.parametrize(
    ("entry", "name"),
    [
        ({"from": 0, "to": 20}, "0 to below 20"),
        ({"from": 10_000, "to": None}, "10,000 and more"),
        ({"from": 0, "to": None}, "0 and more"),
        ({"from": 2.5, "to": 5}, "2.5 to below 5"),
    ],
)
def test_a_bin_is_named_by_its_edges(entry: dict[str, Any], name: str) -> None:
    assert tables.bin_name(entry).replace(",", "") == name.replace(",", "")


def test_the_last_bin_of_scores_holds_the_best() -> None:
    assert [row.cells[0] for row in table("scores", scores=SCORES).rows] == [
        "0 to below 10",
        "10 to below 20",
        "90 to 100",
    ]


@pytest.mark.parametrize(
    ("extra", "cells"),
    [
        ({"others": 0, "without": 0}, [["tea", 3, "100.0%"]]),
        ({"others": 1, "without": 0}, [["tea", 3, "75.0%"], ["other values", 1, "25.0%"]]),
        ({"others": 0, "without": 3}, [["tea", 3, "50.0%"], ["no value", 3, "50.0%"]]),
    ],
    ids=["all", "others", "without"],
)
def test_a_balance_lists_what_is_there(extra: dict[str, int], cells: list[list[Any]]) -> None:
    values = [{"value": "tea", "records": 3}]
    found = table("balance", balance={"field": "%(x)s", "values": values, **extra})
    assert [row.cells for row in found.rows] == cells
    assert found.title == "Balance of “%(x)s”"


@pytest.mark.parametrize(
    ("mean", "most", "least", "share"),
    [(1.0, 5.0, 1.0, 0.0), (5.0, 5.0, 1.0, 1.0), (3.0, 5.0, 1.0, 0.5), (75.0, 100.0, 0.0, 0.75)],
)
def test_a_judge_s_bar_begins_at_the_least_that_can_be_given(
    mean: float, most: float, least: float, share: float
) -> None:
    found = {"mean": mean, "low": None, "high": None, "count": 1}
    assert tables.judge_row("truth", found, most, least).share == share


@pytest.mark.parametrize(
    ("parts", "shown"),
    [
        ({}, "–"),
        ({"beauty": 3}, "beauty: 3"),
        ({"beauty": 30, "grace": 2.5}, "grace: 2.5"),
        ({"beauty": 3, "grace": 3}, "beauty: 3"),
    ],
    ids=["none", "of other days", "the least", "the first of two"],
)
def test_the_weakest_part_is_named(parts: dict[str, float], shown: str) -> None:
    assert tables.weakest(parts) == shown


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, ("share accepted", "40.0%")),
        ({"records": 0}, ("share accepted", "0.0%")),
        ({}, ("mean rule score", "–")),
        ({"scores": {"mean": 0.0}}, ("mean rule score", "0.0")),
        ({"judge": {"score": None}}, ("mean judge score", "–")),
        ({"judge": {"score": {"mean": 75.5}}}, ("mean judge score", "75.5")),
    ],
)
def test_the_first_figures_are_told_even_of_nothing(
    changes: dict[str, Any], line: tuple[str, str]
) -> None:
    assert line in tables.figures({**REPORT, **changes})


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_a_change_has_the_sign_of_its_direction(first: int, second: int) -> None:
    difference = Difference("acceptance", first / 1000, second / 1000)
    shown = difference.shown[2]
    assert shown.startswith("+") is (difference.change > 0)
    assert shown.startswith("-") is (difference.change < 0)


@given(st.dictionaries(st.sampled_from(sorted(words.LANGUAGES)), st.integers(1, 99), min_size=1))
def test_shares_of_languages_make_a_whole(counts: dict[str, int]) -> None:
    rows = table("languages", languages=counts).rows
    assert sum(row.share for row in rows) == pytest.approx(1)
    assert [row.cells[1] for row in rows] == list(counts.values())
