"""The pages of sources: form, preview, files, items and what is refused."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from synthesis.models import Source
from tests import factories
from tests.synthesis.sources import done, loaded, rows, source, table

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


def test_files_are_uploaded_at_once_and_loaded(admin_client):
    files = [upload(), upload("b.txt", b"Another text.")]
    answer = admin_client.post(ADD, {**SETTINGS, "source-files": files})
    row = Source.objects.get()
    assert answer["Location"] == page_of(row)
    assert row.created_by.username == "admin"
    assert done(row).item_count == 3


def test_an_empty_file_among_others_is_listed_with_its_reason(admin_client):
    files = [upload(), upload("b.txt", b"")]
    admin_client.post(ADD, {**SETTINGS, "source-files": files})
    found = done(Source.objects.get()).files.get(name="b.txt")
    assert (found.state, found.reason) == ("failed", "The file holds no text.")


def test_the_form_knows_which_files_each_kind_takes(admin_client):
    page = text_of(admin_client, ADD)
    assert 'data-rows=".jsonl,.json,.csv,.tsv,.xlsx,.ndjson,.txt"' in page
    assert ".docx,.jsonl,.json,.csv,.tsv,.xlsx,.markdown,.htm,.text,.log,.ndjson" in page


def test_the_list_shows_state_items_and_files(admin_client):
    loaded(("a.txt", "Tea."), name="Leaves")
    page = text_of(admin_client, LIST)
    assert "Leaves" in page
    assert "done" in page


def test_the_page_shows_files_with_reasons_and_items_with_their_place(admin_client):
    row = loaded(("a.txt", "Tea is a drink."), ("b.txt", "\x00"))
    page = text_of(admin_client, page_of(row))
    assert "encoding was not recognised; save the file as UTF-8." in page
    assert "Tea is a drink." in page
    assert "characters 0–15" in page


def test_the_page_moves_by_itself_until_the_job_ends(admin_client):
    row = source(("a.txt", "Tea."))
    assert "hx-get" in text_of(admin_client, page_of(row))
    assert admin_client.get(address("progress", row)).status_code == 200
    done(row)
    answer = admin_client.get(address("progress", row))
    assert (answer.status_code, answer["HX-Refresh"]) == (286, "true")


def test_items_are_paged_by_their_position(admin_client):
    row = rows(("a.jsonl", table(*({"n": f"row {n}"} for n in range(45)))))
    page = text_of(admin_client, f"{page_of(row)}?from=20")
    assert "Items 21–40 of 45" in page
    assert ("row 19<" in page, "row 20<" in page) == (False, True)
    assert ("?from=0#items" in page, "?from=40#items" in page) == (True, True)
    assert "Items 41–45 of 45" in text_of(admin_client, f"{page_of(row)}?from=40")


@pytest.mark.parametrize("first", ["-1", "x", "9" * 30, "²"])
def test_an_odd_address_shows_the_first_items(admin_client, first):
    row = loaded(("a.txt", "Tea."))
    assert "Tea." in text_of(admin_client, f"{page_of(row)}?from={first}")


def test_texts_of_documents_are_escaped(admin_client):
    row = loaded(("a.txt", "<script>alert(1)</script>"))
    page = text_of(admin_client, page_of(row))
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page


# Preview


def preview_of(client, url=PREVIEW, **fields):
    return client.post(url, {**SETTINGS, **fields}).content.decode()


def test_a_preview_shows_the_first_chunks_and_stores_nothing(admin_client):
    page = preview_of(admin_client, **{"source-files": upload()})
    assert "The first 2 of a.txt" in page
    assert "The second sentence is there." in page
    assert not Source.objects.exists()


def test_a_preview_before_anything_is_chosen_says_what_will_be_there(admin_client):
    page = preview_of(admin_client)
    assert "The first rows or chunks appear here; nothing is stored yet." in page
    assert 'role="alert"' not in page


def test_a_preview_of_a_broken_file_says_why(admin_client):
    page = preview_of(admin_client, **{"source-files": upload("a.docx", b"x")})
    assert "This is no DOCX file, or it is damaged." in page


def test_a_preview_of_wrong_settings_says_so(admin_client):
    fields = {"source-overlap_characters": 40, "source-files": upload()}
    assert "Overlap: At most half of the characters per chunk." in preview_of(
        admin_client, **fields
    )


def test_a_preview_cuts_the_stored_file_of_a_source_in_another_way(admin_client):
    row = loaded(("a.txt", "One.\n--\nTwo."))
    fields = {"source-cut": "delimiter", "source-delimiter": r"\n--\n"}
    page = preview_of(admin_client, f"{PREVIEW}?source={row.pk}", **fields)
    assert "The first 2 of a.txt" in page
    assert Source.objects.get().cut == "length"


def test_a_preview_of_a_dataset_shows_its_rows(admin_client):
    home = factories.dataset("Home")
    factories.records(1, into=home)
    fields = {"source-kind": "rows", "source-dataset": home.pk}
    page = preview_of(admin_client, **fields)
    assert "The first 1 of Home" in page
    assert "Question " in page


# Refusals


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({}, {"files": ["Upload a file, or choose rows of a dataset."]}),
        (
            {"source-files": upload("a.exe")},
            {
                "files": [
                    "a.exe: Files called .exe cannot be read; take TXT, MD, HTML, PDF, DOCX, XLSX,"
                    " CSV, JSON or JSONL."
                ]
            },
        ),
        (
            {"source-kind": "rows", "source-files": upload("a.pdf")},
            {
                "files": [
                    "a.pdf: Files called .pdf cannot be read; take JSONL, JSON, CSV, TSV or XLSX."
                ]
            },
        ),
        ({"source-files": upload("a.txt", b"")}, {"files": ["The submitted file is empty."]}),
        (
            {"source-files": upload(), "source-cut": "delimiter"},
            {"delimiter": ["Say which text stands between two chunks."]},
        ),
        (
            {"source-files": upload(), "source-overlap_characters": 26},
            {"overlap_characters": ["At most half of the characters per chunk."]},
        ),
        (
            {"source-files": upload(), "source-chunk_characters": 49},
            {"chunk_characters": ["Ensure this value is greater than or equal to 50."]},
        ),
    ],
)
def test_the_form_refuses_in_words(admin_client, fields, found):
    assert errors(admin_client.post(ADD, {**SETTINGS, **fields})) == found
    assert not Source.objects.exists()


def test_a_file_over_the_limit_is_refused(admin_client, settings):
    settings.DATAMATE_UPLOAD_MEGABYTES = 1
    large = upload("large.txt", b"x" * (1024**2 + 1))
    found = errors(admin_client.post(ADD, {**SETTINGS, "source-files": large}))
    assert found == {
        "files": ["large.txt: The file is larger than 1 MB. Split it, or ask the administrator."]
    }


def test_rows_come_of_files_or_of_a_dataset(admin_client):
    fields = {"source-kind": "rows", "source-dataset": factories.dataset().pk}
    answer = admin_client.post(
        ADD, {**SETTINGS, **fields, "source-files": upload("a.csv", b"a\n1")}
    )
    assert errors(answer) == {"dataset": ["Take the rows of a dataset or of files, not of both."]}


# Changes


def test_a_new_name_alone_loads_nothing(admin_client):
    row = loaded(("a.txt", "Tea."), chunk_characters=50, overlap_characters=0)
    admin_client.post(f"{page_of(row)}?edit=1", SETTINGS)
    changed = Source.objects.get()
    assert (changed.name, changed.job_id, changed.item_count) == ("Books", row.job_id, 1)


def test_another_cut_loads_again(admin_client):
    row = loaded(("a.txt", "Tea."))
    admin_client.post(f"{page_of(row)}?edit=1", SETTINGS)
    assert (Source.objects.get().state, done(Source.objects.get()).item_count) == ("waiting", 1)


def test_what_runs_used_is_not_changed_but_copied(admin_client):
    row = loaded(("a.txt", "Tea."))
    factories.run(source=row)
    sentence = (
        "Runs have used this source, so its items stay as they are. Copy the source, and change the"
        " copy."
    )
    answer = admin_client.post(f"{page_of(row)}?edit=1", SETTINGS)
    assert errors(answer) == {"__all__": [sentence]}
    assert sentence in text_of(admin_client, page_of(row))
    copied = admin_client.post(address("copy", row))
    copy = Source.objects.exclude(pk=row.pk).get()
    assert copied["Location"] == f"{page_of(copy)}?edit=1"
    reloaded = admin_client.post(address("reload", row), follow=True)
    assert sentence in [str(message) for message in reloaded.context["messages"]]


def test_buttons_load_again_and_cancel(admin_client):
    row = loaded(("a.txt", "Tea."))
    admin_client.post(address("reload", row))
    assert Source.objects.get().state == "waiting"
    admin_client.post(address("cancel", row))
    assert Source.objects.get().state == "cancelled"


def test_a_source_that_a_run_used_cannot_be_deleted(admin_client):
    row = loaded(("a.txt", "Tea."))
    run = factories.run(source=row)
    delete = reverse("admin:synthesis_source_delete", args=[row.pk])
    assert f"Run: {run}" in text_of(admin_client, delete)
    admin_client.post(delete, {"post": "yes"})
    assert Source.objects.filter(pk=row.pk).exists()


def test_sources_are_deleted_from_the_list_with_their_items(admin_client):
    row = loaded(("a.txt", "Tea."))
    chosen = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    admin_client.post(LIST, chosen)
    assert not Source.objects.exists()


# Permissions


def member(*codenames):
    user = User.objects.create_user("member", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize(
    ("codename", "allowed"),
    [("view_source", set()), ("add_source", {"preview"}), ("change_source", {"reload", "cancel"})],
)
def test_each_button_asks_for_its_permission(codename, allowed):
    row = loaded(("a.txt", "Tea."))
    client = member(codename)
    answers = {name: client.post(address(name, row)) for name in ("reload", "cancel", "copy")}
    answers["preview"] = client.post(PREVIEW, SETTINGS)
    assert {name for name, answer in answers.items() if answer.status_code != 403} == allowed


@pytest.mark.parametrize("name", ["reload", "cancel", "copy"])
def test_an_address_alone_changes_nothing(admin_client, name):
    row = loaded(("a.txt", "Tea."))
    assert admin_client.get(address(name, row)).status_code == 405


@pytest.mark.parametrize(
    ("cut", "shown"),
    [
        ("length", "By length, 50 characters, overlap 20"),
        ("paragraph", "By paragraph, 50 characters"),
    ],
)
def test_the_page_tells_an_overlap_only_where_chunks_have_one(admin_client, cut, shown):
    row = loaded(("a.txt", "Tea."), cut=cut, chunk_characters=50, overlap_characters=20)
    page = text_of(admin_client, page_of(row))
    assert shown in page
    assert ("overlap" in page) == ("overlap" in shown)


def test_the_page_is_complete_in_chinese(admin_client):
    row = loaded(("a.txt", "Tea."), ("b.txt", "\x00"))
    page = text_of(admin_client, page_of(row), headers={"Accept-Language": "zh-hans"})
    for words in ("无法识别", "重新加载", "第 1–1 条，共 1 条", "字符 0–4"):
        assert words in page
