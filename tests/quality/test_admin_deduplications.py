from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from quality.deduplication import clusters
from quality.models import Deduplication
from synthesis.models import Dataset, Job, Record
from tests.quality.deduplication.datasets import (
    KETTLE,
    KETTLES,
    OOLONG,
    REWORDED,
    ROME,
    applied,
    found,
    performed,
    unsearched,
)

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

ADD = reverse("admin:quality_deduplication_add")
HOSTILE = "<script>alert(1)</script> "
ONLY_HERE = '<ins class="is-added">only </ins>'


@pytest.fixture
def dataset() -> Dataset:
    return unsearched(OOLONG, ROME, REWORDED)[0].dataset


def url(order: Deduplication, name: str = "change", *arguments: Any) -> str:
    return reverse(f"admin:quality_deduplication_{name}", args=[order.pk, *arguments])


def page_of(dataset: Dataset) -> str:
    return reverse("admin:synthesis_dataset_change", args=[dataset.pk])


def staff(*codenames: str) -> Client:
    user = User.objects.create_user("member", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(user)
    return client


def read(client: Client, address: str, **data: Any) -> str:
    return client.get(address, data).content.decode()


def test_the_dataset_s_page_leads_to_a_search_of_it(admin_client: Client, dataset: Dataset) -> None:
    order = found(dataset)
    page = read(admin_client, page_of(dataset))
    assert url(order) in page
    assert f"{ADD}?target={dataset.pk}" in page
    assert f'<option value="{dataset.pk}" selected>' in read(admin_client, ADD, target=dataset.pk)


def test_the_form_starts_a_search(admin_client: Client, dataset: Dataset) -> None:
    asked = {"target": dataset.pk, "keep": "oldest", "compared_fields": "text， label,"}
    answer = admin_client.post(ADD, asked)
    order = Deduplication.objects.get()
    assert answer.headers["Location"] == url(order)
    assert (order.dataset, order.keep, order.threshold) == (dataset, "oldest", None)
    assert (order.compared_fields, order.state) == (["text", "label"], "searching")
    assert order.created_by == User.objects.get()


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"threshold": "0.1"}, "Ensure this value is greater than or equal to 0.3."),
        ({"target": ""}, "This field is required."),
    ],
)
def test_the_form_says_what_makes_no_sense(
    admin_client: Client, dataset: Dataset, asked: dict[str, str], sentence: str
) -> None:
    answer = admin_client.post(ADD, {"target": dataset.pk, "keep": "best", **asked})
    assert sentence in answer.content.decode()
    assert not Deduplication.objects.exists()


def test_shows_clusters_with_what_differs(admin_client: Client, dataset: Dataset) -> None:
    page = read(admin_client, url(found(dataset)))
    assert ONLY_HERE in page
    assert "81.4% in common" in page
    assert "1 copy" in page
    assert "nothing is deleted, and it can be undone" in page


def test_shows_the_largest_cluster_first_and_the_rest_on_other_pages(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quality.admin.deduplications.CLUSTERS_SHOWN", 1)
    monkeypatch.setattr(clusters, "COPIES_SHOWN", 1)
    rows = unsearched(KETTLE, OOLONG, REWORDED, f"Well, {OOLONG}", KETTLES)
    order = found(rows[0].dataset)
    first, second = read(admin_client, url(order)), read(admin_client, url(order), p="2")
    assert (OOLONG in first, KETTLE in first, "and 1 more" in first) == (True, False, True)
    assert (OOLONG in second, KETTLE in second) == (False, True)


def test_the_way_from_search_to_undo(admin_client: Client, dataset: Dataset) -> None:
    order = found(dataset)
    for name, state in (("apply", "applied"), ("undo", "undone")):
        assert url(order, "command", name) in read(admin_client, url(order))
        answer = admin_client.post(url(order, "command", name))
        assert answer.headers["Location"] == url(order)
        order.refresh_from_db()
        assert performed(order).state == state
    page = read(admin_client, url(order))
    assert url(order, "command", "undo") not in page
    assert "put back" in page


def test_a_search_under_way_can_be_cancelled(admin_client: Client, dataset: Dataset) -> None:
    order = Deduplication.start(dataset)
    page = read(admin_client, url(order))
    assert f'hx-get="{url(order, "progress")}"' in page
    assert url(order, "command", "apply") not in page
    admin_client.post(url(order, "command", "cancel"))
    order.refresh_from_db()
    assert order.state == "cancelled"
    again = admin_client.post(url(order, "command", "cancel"), follow=True)
    assert [message.level_tag for message in again.context["messages"]] == ["error"]


def test_progress_is_shown_until_it_has_ended(admin_client: Client, dataset: Dataset) -> None:
    order = Deduplication.start(dataset)
    Job.objects.update(state="running", progress=5, total=20)
    running = admin_client.get(url(order, "progress"))
    assert (running.status_code, "25%" in running.content.decode()) == (200, True)
    Job.objects.update(state="failed", reason_code="broke_off", reason_detail="No paper.")
    ended = admin_client.get(url(order, "progress"))
    assert (ended.status_code, ended.headers["HX-Refresh"]) == (286, "true")
    assert "No paper." in read(admin_client, url(order))


def test_hostile_texts_stay_text(admin_client: Client) -> None:
    rows = unsearched(HOSTILE + OOLONG, HOSTILE + REWORDED)
    order = applied(rows[0].dataset)
    for address in (
        url(order),
        reverse("admin:synthesis_record_change", args=[rows[1].pk]),
        f"{reverse('admin:synthesis_record_review')}?record={rows[1].pk}&all=1",
    ):
        page = read(admin_client, address)
        assert "<script>alert(1)" not in page
        assert "&lt;script&gt;alert(1)" in page


def test_the_record_s_page_shows_its_twin_and_what_differs(
    admin_client: Client, dataset: Dataset
) -> None:
    copy = applied(dataset).repeats.get()
    page = read(admin_client, reverse("admin:synthesis_record_change", args=[copy.record]))
    assert f"Repeats record {copy.kept}" in page
    assert ONLY_HERE in page


def test_a_record_that_was_deleted_leaves_its_number(
    admin_client: Client, dataset: Dataset
) -> None:
    order = found(dataset)
    Record.objects.filter(pk=order.repeats.get().record).delete()
    assert "It was deleted." in read(admin_client, url(order))


def test_the_page_is_shown_in_chinese(admin_client: Client, dataset: Dataset) -> None:
    answer = admin_client.get(url(found(dataset)), headers={"Accept-Language": "zh-hans"})
    assert "把副本标为重复" in answer.content.decode()


def test_whoever_may_look_can_neither_start_nor_apply(dataset: Dataset) -> None:
    client = staff("view_deduplication", "view_dataset", "view_record")
    order = found(dataset)
    page = read(client, url(order))
    assert (OOLONG in page, url(order, "command", "apply") in page) == (True, False)
    assert client.post(url(order, "command", "apply")).status_code == 403
    assert client.get(ADD).status_code == 403


def test_records_are_shown_to_those_who_may_see_them(dataset: Dataset) -> None:
    assert OOLONG not in read(staff("view_deduplication"), url(found(dataset)))


def test_applying_needs_the_permission_to_change_records(dataset: Dataset) -> None:
    client, order = staff("view_deduplication", "change_deduplication"), found(dataset)
    assert client.post(url(order, "command", "apply")).status_code == 403


@pytest.mark.parametrize("name", ["change", "progress"])
def test_whoever_may_not_look_sees_nothing(dataset: Dataset, name: str) -> None:
    client, order = staff("view_dataset"), found(dataset)
    assert client.get(url(order, name)).status_code == 403
    assert url(order) not in read(client, page_of(dataset))


def test_commands_are_posted_and_known(admin_client: Client, dataset: Dataset) -> None:
    order = found(dataset)
    assert admin_client.get(url(order, "command", "apply")).status_code == 405
    assert admin_client.post(url(order, "command", "delete")).status_code == 404
    assert admin_client.post(url(order, "command", "undo"), follow=True).status_code == 200


def test_lists_with_few_queries(
    admin_client: Client, dataset: Dataset, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _row in range(3):
        Deduplication.start(dataset)
    with django_assert_max_num_queries(10):
        page = read(admin_client, reverse("admin:quality_deduplication_changelist"))
    assert "searching" in page


def test_says_when_nothing_repeats(admin_client: Client) -> None:
    order = found(unsearched(ROME)[0].dataset)
    page = admin_client.get(f"/admin/quality/deduplication/{order.pk}/change/").content.decode()
    assert "No record repeats another one." in page
    assert "searched, not applied" in page
