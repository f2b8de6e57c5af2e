from __future__ import annotations

import pytest

from quality.evaluation import comparison
from quality.evaluation.comparison import Difference
from tests import factories
from tests.quality.evaluation import datasets


@pytest.mark.django_db
def test_compares_what_both_reports_have() -> None:
    first, other = datasets.mixed(), factories.dataset()
    datasets.insert([datasets.row(other, score=50.0) for _number in range(4)])
    found = {
        row.metric: (row.first, row.second, row.change)
        for row in comparison.compare(datasets.report(first), datasets.report(other))
    }
    assert found["records"] == (18, 4, -14)
    assert found["acceptance"] == (0.3333, 1.0, 0.6667)
    assert found["duplicates"] == (0.1667, 0.0, -0.1667)
    assert found["score"] == (79.1, 50.0, -29.1)
    assert found["part_length"] == (79.0, 50.0, -29.0)


@pytest.mark.parametrize(
    ("difference", "shown"),
    [
        (Difference("acceptance", 0.4, 0.6), ["40.0%", "60.0%", "+20.0%"]),
        (Difference("records", 17, 4), ["17", "4", "-13"]),
        (Difference("score", None, 50.0), ["–", "50.0", "–"]),
        (Difference("score", 50.0, 50.0), ["50.0", "50.0", "0.0"]),
        (Difference("acceptance", 0.5, 0.4996), ["50.0%", "49.9%", "0.0%"]),
        (Difference("acceptance", 0.4996, 0.5), ["49.9%", "50.0%", "0.0%"]),
        (Difference("acceptance", 0.5, 0.499), ["50.0%", "49.9%", "-0.1%"]),
    ],
)
def test_shows_both_values_and_the_change(difference: Difference, shown: list[str]) -> None:
    assert difference.shown == shown


def test_a_judge_that_only_one_report_has_is_compared_with_nothing() -> None:
    judge = {"score": {"mean": 80.0}, "dimensions": [{"name": "truth", "mean": 4.5}]}
    assert comparison.judge_metrics(judge) == {"judge_score": 80.0, "dimension_truth": 4.5}
    assert comparison.judge_metrics({"score": None, "dimensions": []}) == {}
    assert comparison.judge_metrics(None) == {}
