from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from synthesis.engine import background
from synthesis.models import Dataset, Job, Mixture, MixtureRow
from tests import factories
from tests.synthesis.test_admin_tasks_form import texts
from tests.synthesis.test_admin_tasks_list import viewer

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

ADD = reverse("admin:synthesis_mixture_add")
LIST = reverse("admin:synthesis_mixture_changelist")
FOUND = reverse("admin:synthesis_mixture_found")


@pytest.fixture
def source() -> Dataset:
    dataset = factories.dataset("Tea")
    factories.records(6, into=dataset)
    return dataset


def posted(*rows: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Return what a browser sends for a filled-in form."""
    data = {
        "name": "Blend",
        "total": 10,
        "split": "shares",
        "seed": 1,
        "output_format": "jsonl",
        "categories-TOTAL_FORMS": len(rows),
        "categories-INITIAL_FORMS": 0,
    }
    for index, row in enumerate(rows):
        data |= {f"categories-{index}-{name}": value for name, value in row.items()}
    return {**data, **fields}


def url(mixture: Mixture, name: str = "change", *more: Any) -> str:
    return reverse(f"admin:synthesis_mixture_{name}", args=[mixture.pk, *more])


def errors(response: Any) -> list[dict[str, list[str]]]:
    return [dict(form.errors) for form in response.context["rows"]]


class TestForm:
    def test_creates_a_mixture_and_starts_it(self, admin_client: Client, source: Dataset) -> None:
        other = factories.records(9)[0].dataset
        rows = [
            {"source": source.pk, "share": 40, "label": "drinks"},
            {},
            {"source": other.pk, "share": 60, "score_from": "0", "created_from": "2026-01-01"},
        ]
        response = admin_client.post(ADD, posted(*rows), follow=True)
        mixture = Mixture.objects.get()
        found = mixture.rows.values_list("source", "label", "count", "score_from", "position")
        assert list(found) == [(source.pk, "drinks", 4, None, 0), (other.pk, "", 6, 0, 1)]
        assert texts(response) == ["The mixture was created and its records are being drawn."]
        assert (mixture.dataset.name, mixture.created_by.username) == ("Blend", "admin")
        assert Job.objects.get().arguments == {"mixture": mixture.pk}

    def test_refuses_a_shortage_before_anything_is_stored(
        self, admin_client: Client, source: Dataset
    ) -> None:
        response = admin_client.post(ADD, posted({"source": source.pk, "share": 100}))
        sentence = "The filters find 6 records; 10 are wanted."
        assert errors(response) == [{"source": [sentence]}]
        assert sentence in response.content.decode()
        assert not Mixture.objects.exists()
        assert Dataset.objects.count() == 1

    def test_takes_a_shortage_that_is_accepted(self, admin_client: Client, source: Dataset) -> None:
        data = posted({"source": source.pk, "share": 100}, accepts_shortage="on")
        admin_client.post(ADD, data)
        mixture = Mixture.objects.get()
        background.perform_here(mixture.job)
        assert mixture.records.count() == 6

    def test_refuses_to_draw_from_the_output(self, admin_client: Client, source: Dataset) -> None:
        data = posted({"source": source.pk, "share": 100}, total=5, existing_dataset=source.pk)
        response = admin_client.post(ADD, data)
        sentence = "The output dataset cannot be a source too. Choose another one."
        assert errors(response) == [{"source": [sentence]}]

    def test_shows_what_is_stored_and_takes_changes(
        self, admin_client: Client, source: Dataset
    ) -> None:
        mixture = factories.mixture((source, 3), (source, 2))
        mixture.rows.filter(position=1).update(category="tea")
        page = admin_client.get(url(mixture) + "?edit=1")
        first, second = page.context["rows"]
        assert (first["count"].value(), first["share"].value()) == (3, "60")
        assert (first.has_filters, second.has_filters) == (False, True)
        data = posted(
            {"source": source.pk, "count": 4},
            name="Other",
            split="counts",
            existing_dataset=mixture.dataset_id,
        )
        response = admin_client.post(url(mixture) + "?edit=1", data, follow=True)
        mixture.refresh_from_db()
        assert (mixture.name, mixture.total, mixture.rows.get().count) == ("Other", 4, 4)
        assert texts(response) == ["Saved. Start it when it is as you want it."]

    def test_refuses_to_change_what_is_complete(
        self, admin_client: Client, source: Dataset
    ) -> None:
        mixture = factories.mixture((source, 3))
        mixture.complete()
        response = admin_client.get(url(mixture) + "?edit=1", follow=True)
        sentence = "The mixture is complete. Clone it: the copy has a dataset of its own."
        assert texts(response) == [sentence]

    @pytest.mark.parametrize(
        ("row", "text"),
        [
            ({"score_to": "100"}, "The filters find 6 accepted records."),
            ({"category": "none"}, "The filters find 0 accepted records."),
            ({"score_to": "much"}, ""),
            ({"source": ""}, ""),
        ],
    )
    def test_counts_what_the_filters_of_a_row_find(
        self, admin_client: Client, source: Dataset, row: dict[str, str], text: str
    ) -> None:
        given = {"source": str(source.pk), **row}
        data = {f"categories-3-{name}": value for name, value in given.items()}
        response = admin_client.get(FOUND, {"row": "categories-3", **data})
        html = response.content.decode()
        assert (text in html) if text else (html.strip() == "")

    def test_counts_nothing_for_who_may_not_order(self) -> None:
        client = viewer("view_mixture")
        assert client.get(FOUND, {"row": "categories-0"}).status_code == 403

    def test_counts_nothing_for_an_address_without_a_row(self, admin_client: Client) -> None:
        assert admin_client.get(FOUND, {"row": "x"}).status_code == 404


class TestPage:
    def test_a_draft_tells_what_it_will_find(self, admin_client: Client, source: Dataset) -> None:
        html = admin_client.get(url(factories.mixture((source, 8)))).content.decode()
        assert "The filters find 6 records; 8 are wanted." in html
        assert "Take what is there" in html

    def test_tells_what_was_drawn_and_what_is_missing(
        self, admin_client: Client, source: Dataset
    ) -> None:
        mixture = factories.mixture((source, 8), accepts_shortage=True)
        MixtureRow.objects.update(found=6, drawn=5, replaced=1)
        mixture.complete()
        html = admin_client.get(url(mixture)).content.decode()
        assert "completed, 3 short" in html
        assert "1 were refused by the checks of the output dataset." in html
        assert "5/8" in html

    def test_moves_while_it_is_at_work(self, admin_client: Client, source: Dataset) -> None:
        mixture = factories.mixture((source, 2))
        mixture.start()
        assert 'hx-trigger="every 2s"' in admin_client.get(url(mixture)).content.decode()
        assert admin_client.get(url(mixture, "overview")).status_code == 200
        background.perform_here(mixture.job)
        assert admin_client.get(url(mixture, "overview")).status_code == 286

    @pytest.mark.parametrize(
        ("command", "status", "sentence"),
        [
            ("start", "pending", "The records are being drawn."),
            ("take", "pending", "The records that are there are being drawn."),
            ("cancel", "draft", "This is not possible while the run is “draft”."),
        ],
    )
    def test_does_what_it_is_told(
        self, admin_client: Client, source: Dataset, command: str, status: str, sentence: str
    ) -> None:
        mixture = factories.mixture((source, 2))
        response = admin_client.post(url(mixture, "command", command), follow=True)
        assert Mixture.objects.with_progress().get().status == status
        assert texts(response) == [sentence]

    def test_refuses_a_shortage_in_words(self, admin_client: Client, source: Dataset) -> None:
        mixture = factories.mixture((source, 8))
        response = admin_client.post(url(mixture, "command", "start"), follow=True)
        assert texts(response) == [
            "There are fewer records than wanted. Tea: The filters find 6 records; 8 are wanted."
            " Ask for fewer, filter less, or take what is there."
        ]

    def test_is_cloned_and_deleted_without_its_records(
        self, admin_client: Client, source: Dataset
    ) -> None:
        mixture = factories.mixture((source, 2), name="Blend")
        [record] = factories.records(1, into=mixture.dataset, mixture=mixture)
        admin_client.post(url(mixture, "clone"))
        admin_client.post(url(mixture, "delete"), {"post": "yes"})
        assert Mixture.objects.get().name == "Blend (2)"
        record.refresh_from_db()
        assert record.mixture is None

    def test_the_list_shows_the_state(self, admin_client: Client, source: Dataset) -> None:
        mixture = factories.mixture((source, 2), name="Blend")
        mixture.start()
        shown = {
            status: f"task-{mixture.pk}-records"
            in admin_client.get(LIST, {"status": status}).content.decode()
            for status in ("pending", "short")
        }
        assert shown == {"pending": True, "short": False}

    def test_is_downloaded(self, admin_client: Client, source: Dataset) -> None:
        mixture = factories.mixture((source, 1))
        factories.records(2, into=mixture.dataset, mixture=mixture)
        factories.records(1, into=mixture.dataset)
        response = admin_client.get(url(mixture, "download", "jsonl"))
        assert len(b"".join(response.streaming_content).splitlines()) == 2

    def test_keeps_its_datasets_from_being_deleted(
        self, admin_client: Client, source: Dataset
    ) -> None:
        mixture = factories.mixture((source, 1), name="Blend")
        for dataset in (source, mixture.dataset):
            address = reverse("admin:synthesis_dataset_delete", args=[dataset.pk])
            assert "Mixture: Blend" in admin_client.get(address).content.decode()


class TestPermissions:
    ORDER = ("view_mixture", "add_mixture", "change_mixture")
    READ = ("view_dataset", "view_record")

    @pytest.mark.parametrize(
        ("permissions", "answer"),
        [(ORDER, 403), ((*ORDER, READ[0]), 403), (READ, 403), ((*ORDER, *READ), 200)],
    )
    def test_who_orders_must_be_allowed_to_read_every_dataset(
        self, permissions: tuple[str, ...], answer: int
    ) -> None:
        assert viewer(*permissions).get(ADD).status_code == answer

    def test_who_may_not_read_records_sees_the_figures_only(self, source: Dataset) -> None:
        mixture = factories.mixture((source, 1))
        factories.records(1, into=mixture.dataset, mixture=mixture, category="secret leaf")
        client = viewer("view_mixture")
        html = client.get(url(mixture)).content.decode()
        assert "0/1" in html
        assert "secret leaf" not in html
        assert client.get(url(mixture, "download", "jsonl")).status_code == 403
        assert client.post(url(mixture, "command", "start")).status_code == 403
