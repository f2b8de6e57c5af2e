"""Every figure beside a slow and straightforward computation of the same thing."""

from __future__ import annotations

import json
import statistics
import zlib
from collections import Counter
from fractions import Fraction
from itertools import chain
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality import diversity
from quality.evaluation import comparison, contents, counts
from quality.evaluation.contents import Contents
from quality.evaluation.judged import Mean, means

LABELS = ["tea", "coffee", "茶", "", None, 3, True, ["a"], {"b": 1}]
texts = st.sampled_from(
    [
        "",
        " ",
        "Tea.",
        "Green tea is hot.",
        "茶很热。",
        "お茶は熱い。",
        "차가 뜨겁다.",
        "12",
        "😀",
        "Чай",
    ]
)
records = st.fixed_dictionaries({"text": texts}, optional={"label": st.sampled_from(LABELS)})
numbers = st.lists(st.integers(0, 200), min_size=1, max_size=40)


def gathered(*given: Any, field: str = "") -> Contents:
    found = Contents(field)
    for content in given:
        found.add(content, None, {})
    return found


@given(numbers)
def test_a_summary_is_what_statistics_say(values):
    found = contents.summary(Counter(values))
    assert (found["least"], found["most"]) == (min(values), max(values))
    assert found["median"] == statistics.median_low(values)
    assert found["mean"] == round(statistics.fmean(values), 4)
    assert found["ninetieth"] == sorted(values)[-(-9 * len(values) // 10) - 1]


@pytest.mark.parametrize("size", [1, 2, 9, 10, 11, 20, 100, 101, 1000])
def test_at_least_nine_tenths_have_at_most_the_ninetieth(size):
    values = range(size)
    found = contents.summary(Counter(values))["ninetieth"]
    at_most = sum(value <= found for value in values)
    assert Fraction(at_most, size) >= Fraction(9, 10) > Fraction(at_most - 1, size)


def test_nothing_has_no_summary():
    assert set(contents.summary(Counter()).values()) == {None}


@given(numbers, st.sets(st.integers(1, 200), max_size=5))
def test_each_value_is_in_one_bin(values, edges):
    bounds = (0, *sorted(edges))
    bins = contents.histogram(Counter(values), bounds)
    assert [row["from"] for row in bins] == list(bounds)
    for row in bins:
        above = [value for value in values if value >= row["from"]]
        end = row["to"]
        assert row["records"] == sum(end is None or value < end for value in above)


@pytest.mark.parametrize(
    ("value", "start"), [(0, 0), (9.9, 0), (10, 10), (89.9, 80), (90, 90), (99.9, 90), (100, 90)]
)
def test_a_score_at_an_edge_is_in_the_bin_that_begins_there(value, start):
    bins = contents.histogram(Counter([value]), contents.SCORE_EDGES)
    assert [row["from"] for row in bins if row["records"]] == [start]


@given(st.lists(records, min_size=1, max_size=12))
def test_lengths_are_of_all_texts(given_records):
    def size(value: Any) -> int:
        if isinstance(value, str):
            return len(value)
        inner = value.values() if isinstance(value, dict) else value
        return sum(map(size, inner)) if isinstance(value, dict | list) else 0

    sizes = [size(record) for record in given_records]
    found = gathered(*given_records).length_section()
    assert (found["least"], found["most"]) == (min(sizes), max(sizes))
    assert found["mean"] == round(statistics.fmean(sizes), 4)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param({"turns": [{"text": "x" * 10}] * 300}, id="three hundred turns"),
        pytest.param({str(number): "x" for number in range(3000)}, id="three thousand fields"),
        pytest.param({"a": "x" * 3000}, id="one long text"),
        pytest.param(["x" * 1000, ["x" * 2000]], id="a list"),
    ],
)
def test_counts_every_character_of_a_large_record(content):
    assert gathered(content).length_section()["most"] == 3000


def test_counts_the_characters_of_a_text_that_lies_deep():
    content: Any = "x" * 7
    for _level in range(40):
        content = {"a": [content]}
    assert gathered(content).length_section()["most"] == 7


@given(st.lists(records, min_size=1, max_size=12))
def test_the_balance_is_a_count_of_values(given_records):
    kept = [record.get("label") for record in given_records]
    named = Counter(
        label if isinstance(label, str) else json.dumps(label)
        for label in kept
        if label not in (None, "")
    )
    found = gathered(*given_records, field="label").balance_section()
    assert sum(row["records"] for row in found["values"]) == named.total()
    assert found["without"] == len(kept) - named.total()
    assert sorted(row["records"] for row in found["values"]) == sorted(named.values())
    assert found["distinct"] == len(named)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("tea", "tea"),
        (0, "0"),
        (False, "false"),
        (2.5, "2.5"),
        (["茶"], '["茶"]'),
        ({"a": 1}, '{"a": 1}'),
        ("x" * 300, "x" * 100),
    ],
    ids=str,
)
def test_a_value_of_any_kind_is_counted(value, shown):
    assert gathered({"label": value}, field="label").balance_section()["values"] == [
        {"value": shown, "records": 1}
    ]


@pytest.mark.parametrize("value", [None, "", [], {}], ids=repr)
def test_an_empty_value_is_none(value):
    found = gathered({"label": value}, {}, "text", field="label").balance_section()
    assert (found["values"], found["without"]) == ([], 3)


@given(st.lists(records, min_size=1, max_size=12))
def test_fields_are_counted(given_records):
    for row in gathered(*given_records).field_section():
        values = [record[row["field"]] for record in given_records if row["field"] in record]
        written = [value for value in values if isinstance(value, str)]
        mean = round(statistics.fmean(map(len, written)), 4) if written else None
        assert row == {
            "field": row["field"],
            "records": len(values),
            "empty": sum(value in (None, "", [], {}) for value in values),
            "mean_characters": mean,
        }


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Green tea.", "latin"),
        ("Thé vert à la menthe", "latin"),
        ("绿茶很好喝。", "zh"),
        ("请解释 Python 的用法和优点在哪里", "zh"),
        ("緑のお茶はおいしい。", "ja"),
        ("녹차는 맛있다.", "ko"),
        ("Зелёный чай.", "ru"),
        ("شاي أخضر", "ar"),
        ("ชาเขียว", "other"),
        ("12 + 5 = 17", "none"),
        ("😀😀", "none"),
        ("", "none"),
    ],
)
def test_names_the_writing_of_a_text(text, language):
    assert contents.language_of(text) == language


@given(st.lists(st.lists(st.sampled_from("abc"), max_size=6), max_size=5), st.integers(1, 3))
def test_distinct_n_is_a_share_of_all_runs(words, size):
    runs = [
        tuple(text[at : at + size])
        for text in words
        for at in range(len(text))
        if at + size <= len(text)
    ]
    expected = len(set(runs)) / len(runs) if runs else None
    assert diversity.distinct_share(words, size) == expected


@given(st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=7), min_size=2, max_size=6))
def test_likeness_is_the_mean_over_pairs(words):
    def triples(text: list[str]) -> set[tuple[str, ...]]:
        return {tuple(text[at : at + 3]) for at in range(max(1, len(text) - 2))}

    def alike(one: list[str], other: list[str]) -> float:
        return len(triples(one) & triples(other)) / len(triples(one) | triples(other))

    places = range(len(words))
    others = {at: [alike(words[at], words[to]) for to in places if to != at] for at in places}
    found = diversity.self_similarity(words)
    assert found.mean == pytest.approx(statistics.fmean(chain(*others.values())))
    assert found.nearest == pytest.approx(statistics.fmean(max(row) for row in others.values()))


@given(st.lists(texts, min_size=1, max_size=8))
def test_compression_is_of_the_texts_together(parts):
    whole = "\n".join(parts).encode()
    expected = len(whole) / len(zlib.compress(whole, 6)) if whole else None
    assert diversity.compression_ratio(parts) == expected


@given(st.lists(st.floats(0, 100), min_size=2, max_size=30))
def test_a_mean_and_its_interval_are_what_statistics_say(values):
    mean = Mean()
    for value in values:
        mean.add(value)
    found = mean.as_json(0, 100)
    margin = 1.96 * statistics.stdev(values) / len(values) ** 0.5
    centre = statistics.fmean(values)
    assert found["mean"] == pytest.approx(centre, abs=0.006)
    assert found["low"] == pytest.approx(max(0, centre - margin), abs=0.006)
    assert found["high"] == pytest.approx(min(100, centre + margin), abs=0.006)


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=1, max_size=20))
def test_dimensions_have_means_of_their_own(pairs):
    rows = [
        (float(one), [{"name": "truth", "score": one}, {"name": "style", "score": other}])
        for one, other in pairs
    ]
    found = {row["name"]: row["mean"] for row in means(rows)["dimensions"]}
    assert found == {
        "truth": pytest.approx(statistics.fmean(one for one, _ in pairs), abs=0.006),
        "style": pytest.approx(statistics.fmean(other for _, other in pairs), abs=0.006),
    }


def test_a_dimension_that_not_every_record_was_asked_about_counts_its_own():
    rows = [
        (50.0, [{"name": "truth", "score": 3}, {"name": "grounding", "score": 5}]),
        (100.0, [{"name": "truth", "score": 5}]),
    ]
    found = {row["name"]: (row["count"], row["mean"]) for row in means(rows)["dimensions"]}
    assert found == {"truth": (2, 4.0), "grounding": (1, 5.0)}


outcomes = st.sampled_from(
    [
        ("accepted", []),
        ("accepted", [{"check": "content", "code": "email"}]),
        ("malformed", [{"check": "parse", "code": "not_json"}]),
        ("malformed", [{"check": "schema", "code": "schema"}]),
        (
            "malformed",
            [{"check": "parse", "code": "empty"}, {"check": "review", "code": "rejected"}],
        ),
        ("duplicate", [{"check": "duplicate", "code": "exact"}]),
        ("rejected", [{"check": "content", "code": "phone"}]),
        ("rejected", [{"check": "score", "code": "below"}]),
        ("rejected", [{"check": "judge", "code": "below"}]),
        ("rejected", [{"check": "review", "code": "rejected"}]),
        ("rejected", []),
        ("pending", []),
        ("surplus", []),
    ]
)


@given(st.lists(outcomes, max_size=30))
def test_the_waterfall_adds_up(given_outcomes):
    found = counts.Outcomes()
    for outcome in given_outcomes:
        found.add(*outcome)
    steps = found.waterfall()
    left = len(given_outcomes)
    for step in steps:
        assert step["lost"] == sum(step["reasons"].values())
        left -= step["lost"]
        assert step["left"] == left
    assert left == sum(status == "accepted" for status, _findings in given_outcomes)


@pytest.mark.parametrize(
    ("status", "checks", "step"),
    [
        ("malformed", ["parse"], "parsed"),
        ("malformed", ["parse", "review"], "parsed"),
        ("malformed", ["schema"], "valid"),
        ("malformed", ["format"], "valid"),
        ("malformed", ["repair", "schema"], "valid"),
        ("malformed", [], "valid"),
        ("duplicate", ["duplicate"], "unique"),
        ("duplicate", ["duplicate", "review"], "unique"),
        ("rejected", ["content"], "content"),
        ("rejected", ["content", "score"], "score"),
        ("rejected", ["content", "judge"], "judge"),
        ("rejected", ["judge", "review"], "accepted"),
        ("rejected", [], "content"),
        ("pending", ["content"], "judge"),
        ("surplus", ["content"], "accepted"),
    ],
)
def test_a_record_is_lost_at_the_step_that_refused_it(status, checks, step):
    findings = [{"check": check, "code": "x"} for check in checks]
    assert counts.lost_at(status, findings) == step


def test_a_finding_said_twice_of_one_record_counts_once():
    found = counts.Outcomes()
    found.add("accepted", [{"check": "content", "code": "email"}] * 3)
    found.add("rejected", [{"check": "content", "code": "email"}])
    assert found.finding_rows() == [{"key": "content:email", "records": 2, "accepted": 1}]


@pytest.mark.parametrize("name", ["acceptance", "duplicates", "malformed", "rejected"])
def test_shares_are_compared_in_points(name):
    assert comparison.Difference(name, 0.5, 0.25).shown == ["50.0%", "25.0%", "-25.0%"]


@pytest.mark.parametrize(
    ("first", "second", "change"),
    [(1, 3, 2), (3, 1, -2), (2, 2, 0), (None, 1, None), (1, None, None), (0.1, 0.3, 0.2)],
)
def test_the_change_is_the_second_less_the_first(first, second, change):
    assert comparison.Difference("score", first, second).change == change
