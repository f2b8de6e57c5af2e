"""What the codes of a report say."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from quality import findings, scoring
from quality.evaluation import advice, words

QUIET: dict[str, Any] = {
    "records": 200,
    "accepted": 200,
    "waterfall": [{"step": step, "lost": 0, "reasons": {}} for step in words.STEPS],
    "duplicates": {"records": 0},
    "repeats": {"records": 0},
    "diversity": {"distinct_2": 0.7, "compression_ratio": 2.4, "nearest_similarity": 0.1},
    "balance": None,
    "languages": {"latin": 200},
    "fields": [{"field": "text", "empty": 0}],
    "lengths": {"median": 100, "most": 300},
    "scores": {"mean": 95.0, "parts": dict.fromkeys(scoring.PARTS, 95.0)},
    "judge": {
        "failed": 0,
        "judgements": 50,
        "records": 50,
        "score": {"mean": 80.0, "low": 75.0, "high": 85.0},
        "dimensions": [{"name": "truth", "mean": 4.5}],
    },
}


def lost(step: str) -> dict[str, Any]:
    steps = [{"step": name, "lost": 20 * (name == step), "reasons": {}} for name in words.STEPS]
    return {"waterfall": steps}


def part(name: str) -> dict[str, Any]:
    return {"scores": {"mean": 90.0, "parts": {**QUIET["scores"]["parts"], name: 79.5}}}


def values(*counts: int) -> dict[str, Any]:
    listed = [{"value": f"v{count}", "records": count} for count in counts]
    return {"balance": {"values": listed}}


def judge(**fields: Any) -> dict[str, Any]:
    return {"judge": {**QUIET["judge"], **fields}}


CASES: list[tuple[dict[str, Any], str]] = [
    *((lost(step), f"lost_{step}") for step in ("parsed", "valid", "content", "score", "judge")),
    *((part(name), f"low_{name}") for name in scoring.PARTS),
    ({"duplicates": {"records": 20}}, "duplicates"),
    ({"repeats": {"records": 2}}, "repeats"),
    ({"diversity": {**QUIET["diversity"], "distinct_2": 0.2}}, "little_distinct"),
    ({"diversity": {**QUIET["diversity"], "compression_ratio": 8.1}}, "compressible"),
    ({"diversity": {**QUIET["diversity"], "nearest_similarity": 0.6}}, "alike"),
    (values(90, 30), "unbalanced"),
    ({"languages": {"latin": 180, "zh": 20}}, "mixed_languages"),
    ({"fields": [{"field": "text", "empty": 10}]}, "empty_field"),
    ({"lengths": {"median": 10, "most": 201}}, "uneven_lengths"),
    ({"scores": {"mean": 60.0, "parts": {}}}, "low_score"),
    (judge(failed=3), "judge_failed"),
    (judge(score={"mean": 50.0, "low": 30.0, "high": 70.0}), "few_judged"),
    (judge(dimensions=[{"name": "truth", "mean": 3.0}]), "low_dimension"),
]
NOTES = [
    ({"accepted": 99}, "few_records"),
    ({"balance": {"field": "mood", "values": []}}, "no_such_field"),
    ({"scores": None}, "not_scored"),
    ({"judge": None}, "no_judge"),
]


def test_a_good_dataset_is_told_so() -> None:
    assert advice.of(QUIET) == [{"code": "good"}]
    assert words.advice({"code": "good"}) == "Nothing in these figures asks for a change."


@pytest.mark.parametrize(("change", "code"), CASES, ids=[code for _change, code in CASES])
def test_what_is_wrong_is_the_only_advice(change: dict[str, Any], code: str) -> None:
    given = advice.of({**QUIET, **change})
    assert [entry["code"] for entry in given] == [code]


@pytest.mark.parametrize(("change", "code"), NOTES, ids=[code for _change, code in NOTES])
def test_what_was_not_looked_at_is_noted_beside_the_rest(change: dict[str, Any], code: str) -> None:
    assert [entry["code"] for entry in advice.of({**QUIET, **change})] == ["good", code]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_advice_is_a_sentence_without_gaps(language: str) -> None:
    with translation.override(language):
        for change, code in [*CASES, *NOTES]:
            given = next(e for e in advice.of({**QUIET, **change}) if e["code"] == code)
            sentence = words.advice(given)
            assert sentence.endswith((".", "。"))
            assert "%(" not in sentence


def test_no_advice_lacks_its_case() -> None:
    assert set(words.ADVICE) == {"good", *(code for _change, code in [*CASES, *NOTES])}


def test_who_waits_for_the_judge_is_not_rejected_by_it() -> None:
    steps = [{"step": "judge", "lost": 120, "reasons": {"status:pending": 101, "judge:below": 19}}]
    assert advice.of({**QUIET, "waterfall": steps}) == [{"code": "good"}]
    steps[0]["reasons"] = {"status:pending": 100, "judge:below": 20}
    assert advice.of({**QUIET, "waterfall": steps}) == [
        {"code": "lost_judge", "share": 0.1, "count": 20}
    ]


EDGES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"duplicates": {"records": 19}}, {"duplicates": {"records": 20}}),
    (
        {"diversity": {**QUIET["diversity"], "distinct_2": 0.3}},
        {"diversity": {**QUIET["diversity"], "distinct_2": 0.2999}},
    ),
    (
        {"diversity": {**QUIET["diversity"], "compression_ratio": 3.9999}},
        {"diversity": {**QUIET["diversity"], "compression_ratio": 4.0}},
    ),
    (
        {"diversity": {**QUIET["diversity"], "nearest_similarity": 0.4999}},
        {"diversity": {**QUIET["diversity"], "nearest_similarity": 0.5}},
    ),
    ({"languages": {"latin": 191, "zh": 9}}, {"languages": {"latin": 190, "zh": 10}}),
    (
        {"fields": [{"field": "text", "empty": 9}]},
        {"fields": [{"field": "text", "empty": 10}]},
    ),
    ({"lengths": {"median": 10, "most": 200}}, {"lengths": {"median": 10, "most": 201}}),
    ({"lengths": {"median": 0, "most": 20}}, {"lengths": {"median": 0, "most": 21}}),
    (
        {"scores": {"mean": 70.0, "parts": {}}},
        {"scores": {"mean": 69.9, "parts": {}}},
    ),
    (
        {"scores": {"mean": 90.0, "parts": {"length": 80.0}}},
        {"scores": {"mean": 90.0, "parts": {"length": 79.9}}},
    ),
    (judge(failed=2), judge(failed=3)),
    (
        judge(score={"mean": 50.0, "low": 40.0, "high": 59.9}),
        judge(score={"mean": 50.0, "low": 40.0, "high": 60.0}),
    ),
    (
        judge(dimensions=[{"name": "truth", "mean": 3.5}]),
        judge(dimensions=[{"name": "truth", "mean": 3.49}]),
    ),
]


@pytest.mark.parametrize(
    ("fine", "wrong"), EDGES, ids=[advice.of({**QUIET, **row[1]})[0]["code"] for row in EDGES]
)
def test_advice_begins_at_its_edge(fine: dict[str, Any], wrong: dict[str, Any]) -> None:
    assert advice.of({**QUIET, **fine}) == [{"code": "good"}]
    assert len(advice.of({**QUIET, **wrong})) == 1
    assert advice.of({**QUIET, **wrong}) != [{"code": "good"}]


def test_records_without_letters_are_in_no_other_language() -> None:
    assert advice.of({**QUIET, "languages": {"latin": 150, "none": 50}}) == [{"code": "good"}]


def test_balanced_categories_are_fine() -> None:
    assert advice.of({**QUIET, **values(90, 31)}) == [{"code": "good"}]


def test_shares_and_numbers_stand_in_the_sentence() -> None:
    assert words.advice({"code": "duplicates", "share": 0.157, "count": 3}).startswith(
        "15.7% of the records repeat others."
    )
    given = {
        "code": "unbalanced",
        "most": "a%(b)s",
        "least": "c",
        "most_count": 9,
        "least_count": 1,
    }
    assert words.advice(given).startswith("“a%(b)s” has 9 records, “c” only 1.")


def test_unknown_codes_are_shown_as_they_are() -> None:
    assert words.advice({"code": "of_later_days"}) == "of_later_days"
    assert words.metric("of_later_days") == "of_later_days"


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("duplicate:exact", "The dataset holds a record with the same content already."),
        ("score:below", "The rule score is below the minimum."),
        (
            "duplicate:variant",
            "It is like another record, but for a number, a name or a negation.",
        ),
        ("judge:below", "The judge's score is below the pass mark."),
        ("judge:disagreement", "Two judges disagree."),
        ("judge:of_later_days", "judge:of_later_days"),
        ("content:phone", "The record has a phone number: …."),
        ("status:surplus", "surplus"),
        ("status:odd", "odd"),
        ("new:odd", "Found by a check: new:odd."),
    ],
)
def test_reasons_are_named_without_the_details_of_one_record(key: str, sentence: str) -> None:
    assert words.finding(key) == sentence


@pytest.mark.parametrize("key", sorted(findings.SENTENCES))
def test_every_finding_can_be_said_of_many_records(key: str) -> None:
    sentence = words.finding(key)
    assert sentence != key
    assert "%(" not in sentence


def test_a_sentence_that_needs_the_record_is_left_to_its_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(findings, "sentence", lambda finding: str(finding["score"]))
    assert words.finding("new:odd") == "new:odd"


def test_dimensions_are_named_after_the_judge() -> None:
    assert words.metric("dimension_truth %s") == "judge: truth %s"


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (None, "–"),
        (0, "0.0%"),
        (0.29, "29.0%"),
        (0.57, "57.0%"),
        (0.07, "7.0%"),
        (2 / 3, "66.6%"),
        (16 / 18, "88.8%"),
        (0.0004, "0.0%"),
        (0.9999, "99.9%"),
        (1, "100.0%"),
        (-0.25, "-25.0%"),
    ],
)
def test_a_share_is_cut_off_but_never_below_what_it_is(share: float | None, shown: str) -> None:
    assert words.percent(share) == shown
