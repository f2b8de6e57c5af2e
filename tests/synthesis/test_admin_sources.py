"""The pages of sources: form, preview, files, items and what is refused."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from synthesis.models import Run, Source
from tests import factories
from tests.synthesis.test_source_loading import done, loaded

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

LIST = reverse("admin:synthesis_source_changelist")
ADD = reverse("admin:synthesis_source_add")
PREVIEW = reverse("admin:synthesis_source_preview")
SETTINGS = {
    "source-name": "Books",
    "source-kind": "documents",
    "source-cut": "length",
    "source-chunk_characters": 50,
    "source-overlap_characters": 0,
}


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def upload(name="a.txt", data=b"The first sentence is here. The second sentence is there."):
    return SimpleUploadedFile(name, data)


def page_of(row):
    return reverse("admin:synthesis_source_change", args=[row.pk])


def address(name, row):
    return reverse(f"admin:synthesis_source_{name}", args=[row.pk])


def text_of(client, url, **options):
    return client.get(url, **options).content.decode()


def errors(response):
    form = response.context["adminform"].form
    return {name: list(found) for name, found in form.errors.items()}


def used(row):
    """Let a run have used a source."""
    run = factories.run()
    Run.objects.filter(pk=run.pk).update(source=row)
    return row


def test_files_are_uploaded_at_once_and_loaded(admin_client):
    files = [upload(), upload("b.txt", b"Another text.")]
    answer = admin_client.post(ADD, {**SETTINGS, "source-files": files})
    row = Source.objects.get()
    assert answer["Location"] == page_of(row)
    assert row.created_by.username == "admin"
    assert done(row).item_count == 3


def test_the_list_shows_state_items_and_files(admin_client):
    loaded(("a.txt", "Tea."), name="Leaves")
    page = text_of(admin_client, LIST)
    assert "Leaves" in page
    assert "done" in page


def test_the_page_shows_files_with_reasons_and_items_with_their_place(admin_client):
    row = loaded(("a.txt", "Tea is a drink."), ("b.pdf", "broken"))
    page = text_of(admin_client, page_of(row))
    assert "This is no PDF file, or it is damaged." in page
    assert "Tea is a drink." in page
    assert "characters 0–15" in page
