"""What somebody might type into the rows of a mixture, and what the form answers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.http import Http404
from django.test import RequestFactory

from synthesis.admin import rows
from synthesis.admin.mixture_form import MixtureForm, MixtureFormSet, RowForm, stored_row
from synthesis.models import Dataset, Mixture, MixtureRow
from tests import factories

pytestmark = pytest.mark.any_database


def row_form(**typed: str) -> RowForm:
    return RowForm({f"row-{name}": value for name, value in typed.items()}, prefix="row")


def formset(*typed: dict[str, Any], of: Mixture | None = None, **numbers: Any) -> MixtureFormSet:
    data = {"categories-TOTAL_FORMS": len(typed), "categories-INITIAL_FORMS": 0, **numbers}
    for index, row in enumerate(typed):
        data |= {f"categories-{index}-{name}": value for name, value in row.items()}
    return MixtureFormSet(data, instance=of or Mixture(split="shares", total=10))


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        ("share", "-1", "Ensure this value is greater than or equal to 0."),
        ("share", "100.5", "Ensure this value is less than or equal to 100."),
        ("share", "1e9", "Ensure this value is less than or equal to 100."),
        ("share", "33.33333", "Ensure that there are no more than 4 decimal places."),
        ("share", "half", "Enter a number."),
        ("share", "NaN", "Enter a number."),
        ("count", "-1", "Ensure this value is greater than or equal to 0."),
        ("count", "1000000000", "Ensure this value is less than or equal to 10000000."),
        ("count", "1.5", "Enter a whole number."),
        ("score_from", "inf", "Enter a number."),
        ("judge_to", "1e999", "Enter a number."),
        ("created_from", "2026-02-30", "Enter a valid date."),
        ("created_to", "yesterday", "Enter a valid date."),
        ("label", "x" * 500, "Ensure this value has at most 100 characters (it has 500)."),
        ("category", "x" * 101, "Ensure this value has at most 100 characters (it has 101)."),
        ("text", "x" * 501, "Ensure this value has at most 500 characters (it has 501)."),
        ("field", "a\0b", "Null characters are not allowed."),
        (
            "review",
            "rejected",
            "Select a valid choice. rejected is not one of the available choices.",
        ),
    ],
)
def test_a_field_refuses_in_a_sentence_what_it_cannot_be(
    name: str, typed: str, sentence: str
) -> None:
    assert row_form(**{name: typed}).errors == {name: [sentence]}


@pytest.mark.parametrize("label", ["<b>茶</b>", "x" * 100, "=1+1", "🫖"])
def test_a_category_may_be_any_text_that_fits(label: str) -> None:
    form = row_form(label=label)
    assert (form.is_valid(), form.row().label) == (True, label)


def test_blanks_around_a_text_are_taken_off() -> None:
    form = row_form(category="  tea ", field=" a ", text="   ")
    assert form.is_valid()
    assert (form.row().category, form.row().field, form.row().text) == ("tea", "a", "")


@pytest.mark.parametrize(
    ("typed", "has_filters"),
    [
        ({"label": "tea", "share": "50"}, False),
        ({"category": "tea"}, True),
        ({"score_from": "much"}, True),
        ({"is_whole": "on"}, True),
    ],
)
def test_filters_are_open_where_any_is_set_or_refused(
    typed: dict[str, str], has_filters: bool
) -> None:
    assert row_form(**typed).has_filters is has_filters


def test_a_form_without_any_row_wants_one() -> None:
    found = formset({}, {"share": "", "category": ""})
    assert (found.is_valid(), found.non_form_errors()) == (False, ["Add at least one source."])


@pytest.mark.parametrize("number", [-5, "", "many"])
def test_a_wrong_number_of_rows_makes_no_plan(number: Any) -> None:
    found = formset({"share": "100"}, **{"categories-TOTAL_FORMS": number})
    assert not found.is_valid()
    assert not hasattr(found, "plan")


def test_all_that_is_wrong_with_a_row_is_told_at_once() -> None:
    typed = {"share": "0", "score_from": "80", "score_to": "60", "field": "a"}
    assert formset(typed).errors == [
        {
            "source": ["Choose a dataset."],
            "share": ["Give a share above 0%."],
            "score_to": ["The end lies before the start."],
            "text": ["Say what the field is to contain."],
        }
    ]


def test_problems_stand_at_their_row_though_empty_ones_lie_between() -> None:
    found = formset({}, {"share": "100"}, {}, {"text": "x", "share": "0"})
    assert found.errors == [
        {},
        {"source": ["Choose a dataset."]},
        {},
        {
            "source": ["Choose a dataset."],
            "share": ["Give a share above 0%."],
            "field": ["Name the field that is to contain it."],
        },
    ]


def test_a_field_that_refuses_is_not_blamed_again_by_the_rules() -> None:
    assert formset({"share": "half"}).errors[0]["share"] == ["Enter a number."]


@pytest.mark.django_db
class TestWithDatasets:
    @pytest.fixture
    def source(self) -> Dataset:
        dataset = factories.dataset("Tea")
        factories.records(3, into=dataset)
        return dataset

    def test_a_dataset_that_is_gone_meanwhile_is_no_choice(self, source: Dataset) -> None:
        source.records.all().delete()
        number = source.pk
        source.delete()
        sentence = "Select a valid choice. That choice is not one of the available choices."
        found = formset({"source": number, "share": "100"}).errors
        assert found == [{"source": [sentence]}]

    def test_one_dataset_twice_gives_each_record_once(self, source: Dataset) -> None:
        row = {"source": source.pk, "share": "50", "created_from": "2000-01-01"}
        mixture = Mixture(split="shares", total=4)
        sentence = (
            "The filters find 3 records, but other rows draw some of them too: 1 are left of 2"
            " wanted."
        )
        assert formset(row, row, of=mixture).errors == [{}, {"source": [sentence]}]

    def test_a_plan_holds_the_rows_that_were_filled_in(self, source: Dataset) -> None:
        row = {"source": source.pk, "count": "1", "label": "drinks"}
        found = formset({}, row, {}, {**row, "count": "2"}, of=Mixture(split="counts", total=99))
        assert found.is_valid(), found.errors
        planned = [(one.position, one.count, one.label) for one in found.plan.rows]
        assert (planned, found.plan.total) == ([(0, 1, "drinks"), (1, 2, "drinks")], 3)

    def test_the_output_that_is_changed_to_a_source_is_refused(self, source: Dataset) -> None:
        mixture = Mixture(split="shares", total=1, dataset=source)
        sentence = "The output dataset cannot be a source too. Choose another one."
        found = formset({"source": source.pk, "share": "100"}, of=mixture)
        assert found.errors == [{"source": [sentence]}]

    @pytest.mark.parametrize(
        ("name", "typed", "sentence"),
        [
            ("total", "0", "Ensure this value is greater than or equal to 1."),
            ("total", "1000000000", "Ensure this value is less than or equal to 10000000."),
            ("total", "all", "Enter a whole number."),
            ("seed", "-1", "Ensure this value is greater than or equal to 0."),
            ("seed", "2147483648", "Ensure this value is less than or equal to 2147483647."),
            ("name", "   ", "This field is required."),
            (
                "split",
                "halves",
                "Select a valid choice. halves is not one of the available choices.",
            ),
            (
                "new_dataset",
                "Tea",
                "There is a dataset of this name already; choose it from the list.",
            ),
        ],
    )
    def test_an_order_refuses_in_a_sentence_what_it_cannot_be(
        self, source: Dataset, name: str, typed: str, sentence: str
    ) -> None:
        data = {
            "name": "Blend",
            "total": "10",
            "split": "shares",
            "seed": "1",
            "output_format": "jsonl",
        }
        assert MixtureForm({**data, name: typed}).errors == {name: [sentence]}


def test_a_stored_row_is_shown_as_it_was_typed() -> None:
    row = MixtureRow(source_id=7, share=Decimal("100.0000"), count=3, score_from=0.0)
    shown = stored_row(row)
    assert (shown["share"], shown["count"], shown["score_from"]) == ("100", 3, 0.0)
    assert (shown["source"], shown["created_from"]) == (7, None)


@pytest.mark.parametrize("share", ["33.3333", "0.0001", "50", "12.5"])
def test_the_share_of_a_stored_row_is_plain_digits(share: str) -> None:
    padded = Decimal(share).quantize(Decimal("0.0001"))
    assert stored_row(MixtureRow(share=padded, count=1))["share"] == share


def test_a_new_form_begins_with_two_halves() -> None:
    assert rows.blank_rows() == [{"share": 50, "count": 50}] * 2


@pytest.mark.parametrize("row", ["categories-0", "0", "categories-999"])
def test_an_address_names_a_row_with_or_without_the_prefix(row: str) -> None:
    number = row.rpartition("-")[2]
    assert rows.prefix_of(RequestFactory().get("/", {"row": row})) == f"categories-{number}"


@pytest.mark.parametrize("row", ["", "categories-", "categories--1", "other-1", "1.5", "<b>"])
def test_any_other_address_is_not_found(row: str) -> None:
    with pytest.raises(Http404):
        rows.prefix_of(RequestFactory().get("/", {"row": row}))
