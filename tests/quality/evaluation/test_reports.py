"""Every number of a report is what a query says."""

from __future__ import annotations

import statistics
from collections import Counter
from typing import Any

import pytest
from django.db.models import Avg, Count, Min
from pytest_django import DjangoAssertNumQueries

from quality.evaluation import comparison, contents, repeats, reports, tables
from quality.evaluation.reports import NothingToEvaluateError
from quality.models import Judgement, Rubric
from synthesis.models import Dataset, Record
from tests import factories
from tests.quality.deduplication.datasets import OOLONG, REWORDED, ROME, unsearched
from tests.quality.deduplication.datasets import found as deduplicated
from tests.quality.evaluation import datasets

pytestmark = pytest.mark.django_db


@pytest.fixture
def dataset() -> Dataset:
    return datasets.mixed()


@pytest.fixture
def report(dataset: Dataset) -> dict[str, Any]:
    return datasets.report(dataset)


def accepted(dataset: Dataset) -> list[Record]:
    return list(dataset.records.filter(status="accepted").order_by("pk"))


def test_counts_records_by_status(dataset: Dataset, report: dict[str, Any]) -> None:
    counted = dataset.records.order_by().values_list("status").annotate(Count("pk"))
    assert report["statuses"] == dict(counted)
    assert report["records"] == dataset.records.count() == 18
    assert report["accepted"] == dataset.records.accepted().count() == 6


def test_the_waterfall_ends_with_the_accepted_and_says_why_others_are_lost(
    report: dict[str, Any],
) -> None:
    steps = {step["step"]: (step["left"], step["reasons"]) for step in report["waterfall"]}
    assert steps == {
        "made": (18, {}),
        "parsed": (16, {"parse:not_json": 2}),
        "valid": (15, {"schema:schema": 1}),
        "unique": (12, {"duplicate:exact": 2, "duplicate:near": 1}),
        "content": (11, {"personal:phone": 1}),
        "score": (10, {"score:below": 1}),
        "judge": (8, {"judge:below": 1, "status:pending": 1}),
        "accepted": (6, {"review:rejected": 1, "status:surplus": 1}),
    }


def test_findings_are_counted_once_a_record(dataset: Dataset, report: dict[str, Any]) -> None:
    counts: Counter[str] = Counter()
    for found in dataset.records.values_list("findings", flat=True):
        counts.update({f"{finding['check']}:{finding['code']}" for finding in found})
    assert {row["key"]: row["records"] for row in report["findings"]} == counts
    variants = next(row for row in report["findings"] if row["key"] == "duplicate:variant")
    assert (variants["records"], variants["accepted"]) == (1, 1)


def test_duplicates_and_their_clusters_are_counted(
    dataset: Dataset, report: dict[str, Any]
) -> None:
    first, fourth = (record.pk for record in accepted(dataset)[0:4:3])
    assert report["duplicates"] == {
        "records": dataset.records.filter(status="duplicate").count(),
        "exact": 2,
        "near": 1,
        "variants": 1,
        "clusters": 2,
        "largest": [{"record": first, "copies": 2}, {"record": fourth, "copies": 1}],
    }


def test_repeats_among_the_accepted_are_what_a_deduplication_would_mark() -> None:
    first, _other, copy = unsearched(OOLONG, ROME, REWORDED)
    assert copy.status == "accepted"
    found = datasets.report(first.dataset)
    order = deduplicated(first.dataset, keep="oldest")
    assert found["repeats"] == {
        "records": order.repeats.count(),
        "exact": 0,
        "near": 1,
        "clusters": order.counts()["clusters"],
        "largest": [{"record": first.pk, "copies": 1}],
    }
    assert {"code": "repeats", "share": 0.3333, "count": 1} in found["advice"]
    assert "Repeats among the accepted records" in [table.title for table in tables.of(found)]
    assert comparison.metrics(found)["repeats"] == 0.3333


def test_a_report_of_before_repeats_were_searched_is_shown(report: dict[str, Any]) -> None:
    older = {name: part for name, part in report.items() if name != "repeats"}
    assert "repeats" not in [table.key for table in tables.of(older)]
    assert "repeats" not in comparison.metrics(older)


def test_records_after_the_latest_are_no_repeats_yet() -> None:
    first, copy = unsearched(OOLONG, REWORDED)
    found = repeats.section(first.dataset, copy.pk - 1, lambda _done, _total: None)
    assert found["records"] == 0


def test_lengths_are_those_of_the_texts(dataset: Dataset, report: dict[str, Any]) -> None:
    lengths = [
        sum(len(text) for text in record.content.values() if text) for record in accepted(dataset)
    ]
    found = report["lengths"]
    assert (found["least"], found["most"]) == (min(lengths), max(lengths)) == (0, 42)
    assert found["mean"] == round(statistics.mean(lengths), 4)
    assert found["median"] == statistics.median_low(lengths)
    assert sum(entry["records"] for entry in found["histogram"]) == len(lengths)
    assert found["histogram"][1] == {"from": 20, "to": 50, "records": 3}


def test_languages_are_counted(report: dict[str, Any]) -> None:
    assert report["languages"] == {"latin": 4, "zh": 1, "none": 1}


def test_the_field_of_categories_is_found_and_its_values_counted(report: dict[str, Any]) -> None:
    assert report["balance"] == {
        "field": "label",
        "values": [{"value": "drink", "records": 3}, {"value": "place", "records": 1}],
        "others": 0,
        "without": 2,
        "distinct": 2,
    }


def test_a_chosen_field_is_counted(dataset: Dataset) -> None:
    found = datasets.report(dataset, "text")["balance"]
    assert (found["field"], found["distinct"], found["without"]) == ("text", 5, 1)


def test_a_dataset_without_categories_has_no_balance() -> None:
    into = factories.dataset()
    datasets.insert([datasets.row(into)])
    assert datasets.report(into)["balance"] is None


def test_values_beyond_the_limit_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "MOST_VALUES", 3)
    monkeypatch.setattr(contents, "VALUES_SHOWN", 2)
    into = factories.dataset()
    datasets.insert([datasets.row(into, content={"n": number}) for number in (1, 1, 2, 3, 4, 5)])
    found = datasets.report(into, "n")["balance"]
    assert [value["records"] for value in found["values"]] == [2, 1]
    assert (found["others"], found["distinct"]) == (3, 3)


def test_fields_tell_how_often_they_are_empty(report: dict[str, Any]) -> None:
    text, label = report["fields"]
    assert (text["field"], text["records"], text["empty"]) == ("text", 6, 1)
    assert (label["field"], label["records"], label["empty"]) == ("label", 6, 2)
    assert label["mean_characters"] == 4.0  # 5 + 5 + 5 + 5 + 0 letters in five texts


def test_scores_are_those_of_a_query(dataset: Dataset, report: dict[str, Any]) -> None:
    query = dataset.records.accepted().aggregate(mean=Avg("score"), least=Min("score"))
    found = report["scores"]
    assert (found["mean"], found["least"], found["records"]) == (query["mean"], query["least"], 5)
    assert set(found["parts"].values()) == {79.0}  # 100, 90, 95, 70 and 40
    assert [entry["records"] for entry in found["histogram"]] == [0, 0, 0, 0, 1, 0, 0, 1, 0, 3]


def test_reviews_are_counted(dataset: Dataset) -> None:
    dataset.records.filter(pk=accepted(dataset)[0].pk).update(review="approved")
    assert datasets.report(dataset)["reviews"] == {"approved": 1, "unreviewed": 5}


def test_the_worst_records_are_those_of_a_query(dataset: Dataset, report: dict[str, Any]) -> None:
    scored = dataset.records.accepted().filter(score__isnull=False)
    worst = list(scored.order_by("score", "pk").values_list("pk", "score"))
    assert [(found["record"], found["score"]) for found in report["worst"]] == worst
    assert report["worst"][0]["excerpt"] == "Ok ·"


def test_records_without_scores_are_told_apart() -> None:
    into = factories.dataset()
    datasets.insert([datasets.row(into)])
    report = datasets.report(into)
    assert (report["scores"], report["worst"]) == (None, [])
    assert {"code": "not_scored"} in report["advice"]


def test_records_of_other_datasets_and_later_ones_do_not_count(dataset: Dataset) -> None:
    datasets.mixed()

    def add_one(_done: int, _total: int | None) -> None:
        datasets.insert([datasets.row(dataset)])

    assert reports.build(dataset, "", add_one)["records"] == 18


def test_the_progress_ends_with_all_records(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "PAGE_RECORDS", 4)
    seen: list[tuple[int, int | None]] = []
    reports.build(dataset, "", lambda *progress: seen.append(progress))
    assert seen == sorted(seen)
    assert seen[-1] == (36, 36)


def test_the_same_dataset_gives_the_same_report(
    dataset: Dataset, report: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "PAGE_RECORDS", 2)
    assert datasets.report(dataset) == report


def test_queries_grow_with_pages_only(
    dataset: Dataset, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(28):
        datasets.report(dataset)


def test_an_empty_dataset_has_no_report() -> None:
    with pytest.raises(NothingToEvaluateError) as refused:
        datasets.report(factories.dataset())
    assert refused.value.code == "evaluation_empty"


def test_a_dataset_of_failures_has_no_report() -> None:
    into = factories.dataset()
    datasets.insert([datasets.row(into, status="malformed") for _number in range(3)])
    with pytest.raises(NothingToEvaluateError) as refused:
        datasets.report(into)
    assert (refused.value.code, refused.value.detail) == ("evaluation_nothing_accepted", "3")


# Judges


def judge(records: list[Record], scores: list[int | None]) -> None:
    rubric = Rubric.objects.create(
        name="Ours", dimensions=[{"name": "truth", "weight": 1, "levels": {"1": "no", "5": "yes"}}]
    )
    model = factories.language_model()
    for record, given in zip(records, scores, strict=True):
        verdict: dict[str, Any] = {"state": "failed"}
        if given is not None:
            stored = [{"name": "truth", "weight": 1, "score": given, "reason": "Why."}]
            verdict = {"state": "scored", "dimension_scores": stored, "score": (given - 1) * 25}
        Judgement.objects.create(
            record=record,
            rubric_version=rubric.latest_version,
            language_model=model,
            threshold=60,
            passed=given is not None and given > 3,
            **verdict,
        )


def test_a_dataset_that_no_judge_saw_says_so(report: dict[str, Any]) -> None:
    assert report["judge"] is None
    assert {"code": "no_judge"} in report["advice"]


def test_judgements_are_means_with_intervals(dataset: Dataset) -> None:
    judge(accepted(dataset)[:5], [2, 3, 4, 5, None])
    found = datasets.report(dataset)["judge"]
    counts = {name: found[name] for name in ("records", "judgements", "failed", "passed")}
    assert counts == {"records": 4, "judgements": 4, "failed": 1, "passed": 2}
    # 3.5 ± 1.96 · 1.2910 / √4
    assert found["dimensions"] == [
        {"name": "truth", "count": 4, "mean": 3.5, "low": 2.23, "high": 4.77}
    ]
    # (25 + 50 + 75 + 100) / 4 ± 1.96 · 32.275 / 2, and 100 is the most there is
    assert found["score"] == {"count": 4, "mean": 62.5, "low": 30.87, "high": 94.13}


def test_one_judgement_has_no_interval(dataset: Dataset) -> None:
    judge(accepted(dataset)[:1], [5])
    found = datasets.report(dataset)["judge"]["score"]
    assert found == {"count": 1, "mean": 100.0, "low": None, "high": None}


def test_a_judge_that_only_fails_has_no_score(dataset: Dataset) -> None:
    judge(accepted(dataset)[:1], [None])
    report = datasets.report(dataset)
    assert (report["judge"]["score"], report["judge"]["failed"]) == (None, 1)
    assert {"code": "judge_failed", "count": 1} in report["advice"]


def test_judgements_of_refused_records_do_not_count(dataset: Dataset) -> None:
    judge(list(dataset.records.filter(status="rejected")[:2]), [1, 1])
    assert datasets.report(dataset)["judge"] is None
