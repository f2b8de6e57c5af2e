"""What a mixture must say before it is saved, with a sentence for each thing missing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from synthesis import drawing, mixture_rules
from synthesis.drawing import Forecast
from synthesis.models import Mixture, MixtureRow, RatioTask
from synthesis.share_rules import RatioRefusedError

pytestmark = pytest.mark.any_database
SHARES, COUNTS = RatioTask.Split.SHARES, RatioTask.Split.COUNTS
ADVICE = "Ask for fewer records, filter less, or choose “take what is there”."
EMPTY = "Of 1 records this share is none. Raise the share or the total."


@pytest.fixture(autouse=True)
def plenty(monkeypatch: pytest.MonkeyPatch) -> None:
    forecast(monkeypatch, 1_000_000)


def forecast(monkeypatch: pytest.MonkeyPatch, found: int, drawable: int | None = None) -> None:
    left = found if drawable is None else drawable
    every = Forecast(found=found, drawable=left)
    monkeypatch.setattr(
        drawing, "forecasts", lambda rows, _seed: dict.fromkeys(range(len(rows)), every)
    )


def row(number: int = 1, share: Any = None, count: int | None = None, **fields: Any) -> MixtureRow:
    of_share = None if share is None else Decimal(str(share))
    return MixtureRow(**{"source_id": number, "share": of_share, "count": count, **fields})


def rows(*shares: Any) -> list[MixtureRow]:
    return [row(number, share) for number, share in enumerate(shares, start=1)]


def mixture(split: str = SHARES, total: int | None = 10, **fields: Any) -> Mixture:
    return Mixture(split=split, total=total, **fields)


def refused(given: list[MixtureRow], **fields: Any) -> RatioRefusedError:
    with pytest.raises(RatioRefusedError) as caught:
        mixture_rules.plan(mixture(**fields), given)
    return caught.value


def test_shares_make_the_counts_by_largest_remainder():
    plan = mixture_rules.plan(mixture(total=1000), rows(40, 30, 30))
    assert [one.count for one in plan.rows] == [400, 300, 300]
    assert [one.position for one in plan.rows] == [0, 1, 2]
    assert plan.total == 1000


def test_counts_make_the_shares_and_the_total():
    given = [row(1, count=2), row(2, count=1)]
    plan = mixture_rules.plan(mixture(COUNTS, total=99), given)
    assert [one.share for one in plan.rows] == [Decimal("66.6667"), Decimal("33.3333")]
    assert plan.total == 3


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ([], "Add at least one source."),
        (rows(*[1] * 101), "At most 100 sources."),
        (rows(50, 49), "The shares add up to 99%, not to 100%."),
    ],
)
def test_refuses_what_makes_no_whole(given, sentence):
    assert refused(given).whole == {"categories": [sentence]}


@pytest.mark.parametrize(
    ("given", "split", "problems"),
    [
        (row(None, 100), SHARES, {"source": ["Choose a dataset."]}),
        (row(1), COUNTS, {"count": ["Say how many records this source is to give."]}),
        (row(1, 0), SHARES, {"share": ["Give a share above 0%."]}),
        (
            row(1, 100, score_from=80, score_to=60),
            SHARES,
            {"score_to": ["The end lies before the start."]},
        ),
        (
            row(1, 100, created_from=date(2026, 2, 1), created_to=date(2026, 1, 1)),
            SHARES,
            {"created_to": ["The end lies before the start."]},
        ),
        (row(1, 100, field="a"), SHARES, {"text": ["Say what the field is to contain."]}),
        (row(1, 100, text="a"), SHARES, {"field": ["Name the field that is to contain it."]}),
    ],
)
def test_refuses_rows_that_say_too_little_or_too_much(given, split, problems):
    assert refused([given], split=split).rows == [problems]


def test_the_output_is_no_source():
    sentence = "The output dataset cannot be a source too. Choose another one."
    assert refused(rows(100), dataset_id=1).rows == [{"source": [sentence]}]


def test_limits_that_are_equal_are_a_range():
    given = row(1, 100, score_from=60, score_to=60, judge_from=0, judge_to=0)
    assert mixture_rules.plan(mixture(), [given]).total == 10


def test_a_share_of_nothing_is_refused():
    assert refused(rows(70, 30), total=1).rows == [{}, {"share": [EMPTY]}]


@pytest.mark.parametrize(
    ("found", "drawable", "sentence"),
    [
        (4, 4, "The filters find 4 records; 5 are wanted."),
        (
            9,
            3,
            "The filters find 9 records, but other rows draw some of them too: 3 are left of 5"
            " wanted.",
        ),
    ],
)
def test_a_shortage_is_refused_at_its_rows(monkeypatch, found, drawable, sentence):
    forecast(monkeypatch, found, drawable)
    error = refused(rows(50, 50))
    assert error.whole == {"categories": [ADVICE]}
    assert error.rows == [{"source": [sentence]}] * 2


def test_a_shortage_may_be_accepted(monkeypatch):
    forecast(monkeypatch, 0)
    assert mixture_rules.plan(mixture(accepts_shortage=True), rows(50, 50)).total == 10
