"""What a ratio task must say before it is saved, with a sentence for each thing missing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from providers.models import LanguageModel, Provider
from synthesis import ratio_rules
from synthesis.models import RatioTask, TemplateVersion
from synthesis.ratio_rules import Plan, Row
from synthesis.share_rules import RatioRefusedError
from tests import factories

SHARES, COUNTS = RatioTask.Split.SHARES, RatioTask.Split.COUNTS


@pytest.fixture
def version(db: None) -> TemplateVersion:
    factories.language_model(is_default=True)
    return factories.template().latest_version


def rows(version: TemplateVersion | None, *parts: Any, **fields: Any) -> list[Row]:
    """Make a row of each number, as share and as count."""
    return [
        Row(
            name=f"c{number}",
            share=None if part is None else Decimal(str(part)),
            count=part if type(part) is int else None,
            version=version,
            **fields,
        )
        for number, part in enumerate(parts)
    ]


def refused(given: list[Row], split: str = SHARES, total: int | None = 10) -> RatioRefusedError:
    with pytest.raises(RatioRefusedError) as caught:
        ratio_rules.plan(given, split=split, total=total)
    return caught.value


def counts(plan: Plan) -> list[int]:
    return [order.count for order in plan.orders]


@pytest.mark.parametrize(
    ("shares", "total", "expected"),
    [
        ([40, 30, 30], 1000, [400, 300, 300]),
        ([100], 7, [7]),
        # 3.3333 each and a rest: the first has the largest share
        (["33.3334", "33.3333", "33.3333"], 10, [4, 3, 3]),
        (["0.0001", "99.9999"], 1_000_000, [1, 999_999]),
        # quotas 0.5 and 0.5: the spare one goes to the first row, the other has none
        ([70, 30], 2, [1, 1]),
    ],
)
def test_shares_and_a_total_make_the_counts(version, shares, total, expected):
    plan = ratio_rules.plan(rows(version, *shares), split=SHARES, total=total)
    assert (counts(plan), plan.total) == (expected, total)
    assert [order.share for order in plan.orders] == [Decimal(str(share)) for share in shares]


@pytest.mark.parametrize(
    ("given_counts", "total", "shares"),
    [
        ([400, 300, 300], 1000, [40, 30, 30]),
        ([400, 300, 300], None, [40, 30, 30]),
        ([1, 2], None, ["33.3333", "66.6667"]),
        ([5], 5, [100]),
        ([1, 999_999], None, ["0.0001", "99.9999"]),
    ],
)
def test_counts_make_the_total_and_the_shares(version, given_counts, total, shares):
    plan = ratio_rules.plan(rows(version, *given_counts), split=COUNTS, total=total)
    assert (counts(plan), plan.total) == (given_counts, sum(given_counts))
    assert [order.share for order in plan.orders] == [Decimal(str(share)) for share in shares]


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(1, 1000), min_size=1, max_size=6))
def test_a_plan_by_count_is_the_same_plan_by_its_shares(version, given_counts):
    by_count = ratio_rules.plan(rows(version, *given_counts), split=COUNTS, total=None)
    again = [Row(name=order.name, share=order.share, version=version) for order in by_count.orders]
    by_share = ratio_rules.plan(again, split=SHARES, total=by_count.total)
    assert counts(by_share) == given_counts


def test_a_plan_carries_what_each_row_says(version):
    model = LanguageModel.objects.get()
    row = Row(
        name="tea",
        share=Decimal(100),
        version=version,
        values={"topic": "green tea"},
        parameters={"temperature": 0.5},
        mix={model.pk: 3},
    )
    [order] = ratio_rules.plan([row], split=SHARES, total=1).orders
    assert (order.name, order.version) == ("tea", version)
    assert (order.values, order.parameters) == ({"topic": "green tea"}, {"temperature": 0.5})
    assert order.mix == {model.pk: 3}


WHOLE = [
    pytest.param(
        (), SHARES, 10, "categories", "Add at least one category.", "请至少添加一个类别。",
        id="no category",
    ),
    pytest.param(
        (1,) * 101, SHARES, 10, "categories", "At most 100 categories.", "最多 100 个类别。",
        id="too many categories",
    ),
    pytest.param(
        (100,), SHARES, None, "total", "Say how many records there shall be.",
        "请填写需要的数据总数。", id="no total",
    ),
    pytest.param(
        (50, 40), SHARES, 10, "categories", "The shares add up to 90%, not to 100%.",
        "比例之和为 90%，应为 100%。", id="shares below 100",
    ),
    pytest.param(
        (50, "50.0001"), SHARES, 10, "categories", "The shares add up to 100.0001%, not to 100%.",
        "比例之和为 100.0001%，应为 100%。", id="shares a little above 100",
    ),
    pytest.param(
        (100, 100), SHARES, 10, "categories", "The shares add up to 200%, not to 100%.",
        "比例之和为 200%，应为 100%。", id="round shares above 100",
    ),
    pytest.param(
        (4, 3), COUNTS, 10, "total", "The counts add up to 7, not to the total of 10.",
        "各类别数量之和为 7，与总数 10 不符。", id="counts that miss the total",
    ),
    pytest.param(
        (10_000_000, 1), COUNTS, None, "total",
        "The counts add up to 10000001; at most 10000000 are possible.",
        "各类别数量之和为 10000001，最多为 10000000。", id="too many records",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("parts", "split", "total", "field", "english", "chinese"), WHOLE)
def test_says_what_is_wrong_with_the_whole(version, parts, split, total, field, english, chinese):
    given_rows = rows(version, *parts)
    assert refused(given_rows, split, total).whole == {field: [english]}
    with translation.override("zh-hans"):
        assert refused(given_rows, split, total).whole == {field: [chinese]}


ROW = [
    pytest.param(
        {"name": ""}, SHARES, "name", "Name the category.", "请填写类别名称。", id="no name"
    ),
    pytest.param(
        {"name": "c0"}, SHARES, "name",
        "Another category has this name too. Give each its own.",
        "另一个类别也用了这个名称，请改用不同的名称。", id="a name twice",
    ),
    pytest.param(
        {"share": Decimal(0)}, SHARES, "share", "Give a share above 0%.",
        "请填写大于 0% 的比例。", id="a share of nothing",
    ),
    pytest.param(
        {"share": None}, SHARES, "share", "Give a share above 0%.", "请填写大于 0% 的比例。",
        id="no share",
    ),
    pytest.param(
        {"share": Decimal(-5)}, SHARES, "share", "Give a share above 0%.", "请填写大于 0% 的比例。",
        id="a share below nothing",
    ),
    pytest.param(
        {"count": 0}, COUNTS, "count", "Say how many records this category is to have.",
        "请填写该类别需要的数据条数。", id="a count of nothing",
    ),
    pytest.param(
        {"count": None}, COUNTS, "count", "Say how many records this category is to have.",
        "请填写该类别需要的数据条数。", id="no count",
    ),
    pytest.param(
        {"version": None}, SHARES, "template", "Choose a template.", "请选择模板。",
        id="no template",
    ),
    pytest.param(
        {"values": {"colour": "red"}}, SHARES, "values",
        "The template has no variable colour.", "模板没有变量 colour。", id="an unknown variable",
    ),
    pytest.param(
        {"parameters": {"temperature": 9}}, SHARES, "parameters",
        "temperature must be a number from 0 to 2.",
        "temperature 必须是 0 到 2 之间的数字。", id="an impossible parameter",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("change", "split", "field", "english", "chinese"), ROW)
def test_says_at_its_row_what_is_wrong_with_a_category(
    version, change, split, field, english, chinese
):
    good, other = rows(version, 50, 50)
    bad = Row(**{**other.__dict__, **change})
    error = refused([good, bad], split, None if split == COUNTS else 10)
    assert error.rows[1][field] == [english]
    # Of two rows with one name neither is the right one.
    assert error.rows[0] == ({field: [english]} if change.get("name") == "c0" else {})
    with translation.override("zh-hans"):
        assert refused([good, bad], split, None).rows[1][field] == [chinese]


def test_says_at_each_row_that_its_share_of_so_few_records_is_none(version):
    error = refused(rows(version, 98, 1, 1), total=10)
    sentence = "Of 10 records this share is none. Raise the share or the total."
    assert error.rows == [{}, {"share": [sentence]}, {"share": [sentence]}]
    assert error.whole == {}


def test_says_all_problems_of_a_row_at_once(version):
    row = Row(name="", share=None, version=version, values={"x": 1}, parameters={"top_p": 2})
    assert set(refused([row]).rows[0]) == {"name", "share", "values", "parameters"}


def test_says_the_problems_of_rows_and_of_the_whole_together(version):
    error = refused(rows(version, 50, None))
    assert error.whole == {"categories": ["The shares add up to 50%, not to 100%."]}
    assert error.rows == [{}, {"share": ["Give a share above 0%."]}]


class TestTheModelsOfARow:
    def test_may_be_left_to_the_template(self, version):
        chosen = factories.language_model(name="chosen")
        version.language_model = chosen
        LanguageModel.objects.filter(is_default=True).update(is_default=False)
        assert ratio_rules.unusable(version, {}) == ""

    def test_may_be_left_to_the_default_one(self, version):
        assert ratio_rules.unusable(version, {}) == ""

    def test_are_missing_where_there_is_no_default(self, version):
        LanguageModel.objects.update(is_default=False, is_enabled=False)
        sentence = "No language model is chosen and there is no default one. Choose a model."
        assert refused(rows(version, 100)).rows == [{"models": [sentence]}]

    @pytest.mark.parametrize("off", ["model", "provider"])
    @pytest.mark.parametrize("place", ["mix", "template"])
    def test_are_refused_when_one_is_switched_off(self, version, off, place):
        model = factories.language_model(name="tired")
        if off == "model":
            LanguageModel.objects.filter(pk=model.pk).update(is_enabled=False)
        else:
            Provider.objects.filter(pk=model.provider_id).update(is_enabled=False)
        version.language_model = LanguageModel.objects.get(pk=model.pk)
        mix = {factories.language_model().pk: 1, model.pk: 1} if place == "mix" else {}
        assert ratio_rules.unusable(version, mix) == (
            f"The model {model}, or its provider, is switched off. Enable it or choose another"
            " model."
        )

    def test_that_are_gone_leave_the_choice_to_the_default(self, version):
        assert ratio_rules.unusable(version, {987_654: 1}) == ""
