"""Where a copy comes from: on its page, in the list of records, in exports."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from django.urls import reverse

from synthesis import export
from synthesis.models import Mixture, Record
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
LIST = reverse("admin:synthesis_record_changelist")


@pytest.fixture
def mixture() -> Mixture:
    source = factories.dataset("Tea")
    factories.records(2, into=source)
    return factories.mixture((source, 1), name="Blend")


@pytest.fixture
def copy(mixture: Mixture) -> Record:
    origin = mixture.rows.get().source.records.first()
    return factories.records(1, into=mixture.dataset, origin=origin, mixture=mixture)[0]


def page(client: Client, record: Record) -> str:
    return client.get(reverse("admin:synthesis_record_change", args=[record.pk])).content.decode()


def test_the_page_of_a_copy_links_to_its_origin(admin_client: Client, copy: Record) -> None:
    html = page(admin_client, copy)
    assert f">Record {copy.origin_id}</a>" in html
    assert ">Tea</a>" in html
    assert ">Blend</a>" in html


def test_the_page_of_an_origin_links_to_its_copies(admin_client: Client, copy: Record) -> None:
    assert f'href="{LIST}?origin__id__exact={copy.origin_id}"' in page(admin_client, copy.origin)
    rows = admin_client.get(LIST, {"origin__id__exact": copy.origin_id}).context["cl"].result_list
    assert list(rows) == [copy]


def test_a_copy_outlives_its_origin(admin_client: Client, copy: Record) -> None:
    copy.origin.delete()
    copy.refresh_from_db()
    assert copy.origin is None
    assert "a record that was deleted" in page(admin_client, copy)


def test_other_records_speak_of_no_copies(admin_client: Client) -> None:
    html = page(admin_client, factories.records(1)[0])
    assert "Copied from" not in html
    assert "Show the copies" not in html


def test_the_list_finds_what_a_mixture_drew(admin_client: Client, copy: Record) -> None:
    rows = admin_client.get(LIST, {"mixture__id__exact": copy.mixture_id}).context["cl"]
    assert list(rows.result_list) == [copy]


def test_exports_name_origin_and_its_dataset(copy: Record) -> None:
    records = Record.objects.filter(pk=copy.pk)
    row = json.loads(b"".join(export.stream(records, "jsonl", metadata=True)))
    assert row["_meta"]["origin"] == copy.origin_id
    assert row["_meta"]["origin_dataset"] == "Tea"
