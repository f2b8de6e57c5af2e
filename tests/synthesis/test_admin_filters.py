from __future__ import annotations

import pytest
from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.test import Client
from django.urls import reverse

from synthesis.admin.filters import RelatedFilter
from tests import factories

FILTERS = [
    (rows, entry[0])
    for rows in admin.site._registry.values()
    for entry in rows.list_filter or ()
    if isinstance(entry, tuple) and entry[1] is RelatedFilter
]
IDS = [f"{rows.opts.model_name}-{path}" for rows, path in FILTERS]

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


def test_every_list_that_is_filtered_by_typing_is_meant():
    models = {rows.opts.model_name for rows, _path in FILTERS}

    assert models == {*("record", "run", "evaluation", "policycheck", "deduplication", "judgement")}


@pytest.mark.parametrize(("rows", "path"), FILTERS, ids=IDS)
def test_a_number_beyond_every_database_finds_nothing(
    admin_client: Client, rows: ModelAdmin, path: str
):
    address = reverse(f"admin:{rows.opts.app_label}_{rows.opts.model_name}_changelist")

    response = admin_client.get(address, {f"{path}__id__exact": "9" * 30})

    assert response.status_code == 200
    assert list(response.context["cl"].result_list) == []


@pytest.mark.parametrize("text", ["x", "1.5", "-" + "9" * 30, "9" * 5000, "\0", "²"])
def test_what_is_no_number_finds_nothing(admin_client: Client, text: str):
    factories.records(1)

    response = admin_client.get("/admin/synthesis/record/", {"dataset__id__exact": text})

    assert response.status_code == 200
    assert list(response.context["cl"].result_list) == []


def test_an_empty_choice_leaves_all(admin_client: Client):
    [record] = factories.records(1)

    response = admin_client.get("/admin/synthesis/record/", {"dataset__id__exact": ""})

    assert list(response.context["cl"].result_list) == [record]
