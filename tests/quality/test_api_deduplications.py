from __future__ import annotations

import pytest

from quality.models import Deduplication
from synthesis.models import Dataset, Record
from tests import api
from tests.quality.deduplication.datasets import (
    OOLONG,
    REWORDED,
    ROME,
    applied,
    found,
    performed,
    unsearched,
)

pytestmark = pytest.mark.django_db

URL = "/api/v1/deduplications/"


@pytest.fixture
def rows() -> list[Record]:
    return unsearched(OOLONG, ROME, REWORDED)


@pytest.fixture
def dataset(rows: list[Record]) -> Dataset:
    return rows[0].dataset


def test_searches_a_dataset_in_the_background(dataset: Dataset) -> None:
    wanted = {"keep": "oldest", "threshold": 0.7, "compared_fields": ["text"]}
    answer = api.editor().post(URL, {"dataset": dataset.pk, **wanted}, format="json")
    order = Deduplication.objects.get()
    assert (answer.status_code, answer.json()["stage"]) == (202, "search")
    assert (answer.json()["status"], answer.json()["status_label"]) == ("waiting", "searching")
    assert {name: answer.json()[name] for name in wanted} == wanted
    assert answer.json()["created_by"] == str(order.created_by)
    assert performed(order).searched == 3


@pytest.mark.parametrize(
    ("field", "value"),
    [("keep", "newest"), ("threshold", 0.1), ("compared_fields", [""]), ("dataset", 999)],
)
def test_refuses_what_makes_no_sense(dataset: Dataset, field: str, value: object) -> None:
    order = {"dataset": dataset.pk, field: value}
    answer = api.editor().post(URL, order, format="json")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


def test_tells_what_was_found(rows: list[Record]) -> None:
    order = found(rows[0].dataset)
    client = api.client("view")
    counts = client.get(f"{URL}{order.pk}/").json()["counts"]
    assert {name: count for name, count in counts.items() if count} == {
        "clusters": 1,
        "copies": 1,
        "found": 1,
    }
    [repeat] = client.get(f"{URL}{order.pk}/repeats/").json()["results"]
    assert (repeat["record"], repeat["kept"]) == (rows[2].pk, rows[0].pk)
    assert (repeat["code"], repeat["status"], repeat["status_label"]) == ("near", "found", "found")


@pytest.mark.parametrize(
    ("query", "count"), [({"status": "found"}, 1), ({"status": "removed"}, 0), ({"kept": 0}, 0)]
)
def test_lists_repeats_by_status_and_record(
    dataset: Dataset, query: dict[str, object], count: int
) -> None:
    address = f"{URL}{found(dataset).pk}/repeats/"
    assert len(api.client("view").get(address, query).json()["results"]) == count


def test_refuses_a_status_that_there_is_not(dataset: Dataset) -> None:
    answer = api.client("view").get(f"{URL}{found(dataset).pk}/repeats/", {"status": "gone"})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["status"])


def test_applies_and_undoes(rows: list[Record]) -> None:
    order, client = found(rows[0].dataset), api.editor()
    for command, status in (("apply", "duplicate"), ("undo", "accepted")):
        answer = client.post(f"{URL}{order.pk}/{command}/")
        assert (answer.status_code, answer.json()["stage"]) == (202, command)
        order.refresh_from_db()
        performed(order)
        assert Record.objects.get(pk=rows[2].pk).status == status


@pytest.mark.parametrize("command", ["apply", "undo", "cancel"])
def test_refuses_a_command_that_does_not_fit(command: str) -> None:
    order = found(unsearched(ROME)[0].dataset)
    answer = api.editor().post(f"{URL}{order.pk}/{command}/")
    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")


def test_cancels_a_search(dataset: Dataset) -> None:
    order = Deduplication.start(dataset)
    assert api.editor().post(f"{URL}{order.pk}/cancel/").json()["status"] == "cancelled"


def test_applying_needs_the_permission_to_change_records(dataset: Dataset) -> None:
    user = api.user("view", "change")
    user.user_permissions.remove(user.user_permissions.get(codename="change_record"))
    client = api.client()
    client.force_authenticate(user)
    assert client.post(f"{URL}{found(dataset).pk}/apply/").status_code == 403


def test_lists_by_dataset(dataset: Dataset) -> None:
    order, _other = found(dataset), found(unsearched(ROME)[0].dataset)
    rows = api.client("view").get(URL, {"dataset": dataset.pk}).json()["results"]
    assert [row["id"] for row in rows] == [order.pk]
    assert "counts" not in rows[0]


def test_a_record_shows_what_it_does_not_have_in_common_with_its_twin(
    rows: list[Record],
) -> None:
    applied(rows[0].dataset)
    client = api.client("view")
    pieces = client.get(f"/api/v1/records/{rows[2].pk}/").json()["difference"]
    assert [piece for piece in pieces if piece["kind"] == "added"][:1] == [
        {"kind": "added", "text": "only "}
    ]
    assert client.get(f"/api/v1/records/{rows[0].pk}/").json()["difference"] is None
    assert "difference" not in client.get("/api/v1/records/").json()["results"][0]
