"""The category that a ratio task gives its records: in lists, exports and copies."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from synthesis import copying
from synthesis.models import Record, Run
from tests import api, factories
from tests.synthesis.test_export import exported, table, written

pytestmark = pytest.mark.django_db
LIST = reverse("admin:synthesis_record_changelist")


@pytest.fixture
def rows():
    """Records of two categories, and one without."""
    home = factories.dataset()
    return [
        *written([{"text": "fine"}], dataset=home, category="good"),
        *written([{"text": "poor"}], dataset=home, category="bad"),
        *written([{"text": "plain"}], dataset=home),
    ]


class TestExports:
    def test_have_it_as_the_last_field_of_records_that_have_one(self, rows):
        assert exported(rows, "jsonl").decode().splitlines() == [
            '{"text": "fine", "category": "good"}',
            '{"text": "poor", "category": "bad"}',
            '{"text": "plain"}',
        ]

    def test_have_it_as_the_last_column_of_a_table(self, rows):
        expected = [["text", "category"], ["fine", "good"], ["poor", "bad"], ["plain", ""]]
        assert table(rows) == expected

    def test_have_a_column_for_it_beside_those_of_a_closed_schema(self):
        schema = {**factories.QA_SCHEMA, "additionalProperties": False}
        template = factories.template(output_schema=schema)
        factories.ratio_task({"tea": 100}, templates=[template]).start()
        made = factories.records(1, of_run=Run.objects.get(), category="tea")
        assert table(made)[0] == ["question", "answer", "category"]

    def test_neutralise_it_like_any_text(self):
        assert table(written([{"text": "x"}], category="=1+1"))[1] == ["x", "'=1+1"]

    @pytest.mark.parametrize(
        ("content", "label"),
        [
            ({"category": "own"}, "ratio_category"),
            ({"category": "own", "ratio_category": "own"}, "ratio_category_2"),
        ],
    )
    def test_name_it_otherwise_where_a_record_has_such_a_field(self, content, label):
        made = written([content, {"text": "other"}], category="good")
        assert json.loads(exported(made, "json")) == [
            {**content, label: "good"},
            {"text": "other", label: "good"},
        ]

    def test_turn_contents_that_are_no_objects_into_such(self):
        made = written(["Just a text"], category="good")
        assert json.loads(exported(made, "json")) == [
            {"content": "Just a text", "category": "good"}
        ]


def test_stays_with_a_copied_record(rows):
    target = factories.dataset()
    copying.copy(Record.objects.filter(pk__in=[row.pk for row in rows]), target)
    copies = Record.objects.filter(dataset=target).order_by("pk")
    assert list(copies.values_list("category", flat=True)) == ["good", "bad", ""]


def test_stays_with_an_edited_record(rows):
    rows[0].content = {"text": "finer"}
    rows[0].save()
    assert Record.objects.in_category("good").get().content == {"text": "finer"}


def test_filters_the_list_of_the_api(rows):
    found = api.client("view").get("/api/v1/records/", {"category": "bad"}).json()["results"]
    assert [(row["id"], row["category"]) for row in found] == [(rows[1].pk, "bad")]


def test_filters_the_list_of_the_admin(rows, admin_client):
    factories.ratio_task({"good": 50, "bad": 50})
    response = admin_client.get(LIST, {"category": "good"})
    assert list(response.context["cl"].result_list) == [rows[0]]
    page = response.content.decode()
    assert 'value="bad"' in page


def test_is_no_filter_where_there_is_none(admin_client):
    factories.records(1)
    assert "category" not in admin_client.get(LIST).content.decode()


def test_stands_on_the_page_of_its_record(rows, admin_client):
    page = admin_client.get(reverse("admin:synthesis_record_change", args=[rows[0].pk]))
    assert "Category: good" in page.content.decode()
