from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from quality.models import DatasetQuality, QualityPolicy
from synthesis import importing
from synthesis.engine import background, leases
from synthesis.engine.background import Assignment
from synthesis.models import Dataset, DatasetImport, Record, Worker
from tests import factories

pytestmark = pytest.mark.django_db
IMPORTS = "/api/v1/imports/"


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def upload(*rows, name="rows.jsonl"):
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    return SimpleUploadedFile(name, text.encode())


def numbered(count):
    words = ("river", "stone", "paper", "wind", "copper", "garden", "winter", "salt")
    return [{"text": f"{words[n % 8]} {words[n // 8 % 8]} story {n}"} for n in range(count)]


def done(order: DatasetImport) -> DatasetImport:
    background.perform_here(order.job)
    order.refresh_from_db()
    order.job.refresh_from_db()
    return order


def test_rows_become_checked_records(uploads):
    tea = {"question": "What is tea?", "answer": "A drink."}
    order = done(DatasetImport.order(factories.dataset(), upload(tea, tea, ["no object"])))
    assert (order.job.state, order.rows_read, order.unreadable) == ("done", 3, 1)
    assert order.counts == {"accepted": 1, "duplicate": 1}
    assert order.sentences() == [(3, "The row is no object.")]
    assert Record.objects.accepted().get().content == tea


def test_the_file_is_forgotten_when_it_was_read(uploads):
    order = DatasetImport.order(factories.dataset(), upload({"a": "b"}))
    assert [path.name for path in uploads.rglob("*.jsonl")] == ["rows.jsonl"]
    done(order)
    assert not list(uploads.rglob("*.jsonl"))


def test_a_killed_import_goes_on_where_it_stopped(monkeypatch):
    monkeypatch.setattr(importing, "PAGE_ROWS", 10)
    order = DatasetImport.order(factories.dataset(), upload(*numbered(35)))
    worker = leases.register(Worker.Role.JOB)
    assignment = Assignment(background.claim(worker), worker)
    with order.file.open("rb") as file:
        rows = importing.pages(importing.tables.read(file, "jsonl"), skipped=0)
        importing.keep(assignment, order, next(rows))
        importing.keep(assignment, order, next(rows))
    leases.dismiss(worker.pk)
    done(order)
    assert (order.rows_read, order.counts) == (35, {"accepted": 35})
    assert Record.objects.filter(dataset=order.dataset).count() == 35


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (SimpleUploadedFile("a.jsonl", b""), "The file holds no rows."),
        (SimpleUploadedFile("a.json", b"3"), "The JSON file holds no list of objects."),
        (SimpleUploadedFile("a.csv", b"a,a\n1,2\n"), "The column “a” stands there twice."),
        (
            SimpleUploadedFile("a.xlsx", b"nothing"),
            "This is no XLSX workbook, or it is damaged.",
        ),
    ],
)
def test_a_file_that_cannot_be_read_fails_with_a_sentence(file, sentence):
    order = done(DatasetImport.order(factories.dataset(), file))
    assert (order.job.state, order.job.reason) == ("failed", sentence)


def test_a_file_that_is_gone_is_asked_for_again(uploads):
    order = DatasetImport.order(factories.dataset(), upload({"a": "b"}))
    Path(order.file.path).unlink()
    assert done(order).job.reason == "The uploaded file is not there any more. Upload it again."


def test_an_import_in_the_admin_names_its_policy(admin_client):
    loose = QualityPolicy.objects.create(name="Loose", near_duplicates=False)
    dataset = factories.dataset()
    answer = admin_client.post(
        reverse("admin:synthesis_datasetimport_add"),
        {"target": dataset.pk, "file": upload({"a": "b"}), "policy": loose.pk},
    )
    order = DatasetImport.objects.get()
    page = reverse("admin:synthesis_datasetimport_change", args=[order.pk])
    assert answer["Location"] == page
    assert DatasetQuality.objects.get(dataset=dataset).policy == loose
    assert order.created_by.username == "admin"
    done(order)
    assert "1 row read" in admin_client.get(page).content.decode()


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (SimpleUploadedFile("a.exe", b"MZ"), "Files called .exe cannot be read"),
        (SimpleUploadedFile("a.csv", b""), "The submitted file is empty."),
    ],
)
def test_the_form_refuses_what_cannot_be_read(admin_client, file, sentence):
    url = reverse("admin:synthesis_datasetimport_add")
    page = admin_client.post(url, {"target": factories.dataset().pk, "file": file})
    assert sentence in page.content.decode()
    assert not DatasetImport.objects.exists()


def test_a_file_that_is_too_large_is_refused(admin_client, settings):
    settings.DATAMATE_UPLOAD_MEGABYTES = 1
    large = SimpleUploadedFile("a.csv", b"a\n" + b"x\n" * 600_000)
    answer = admin_client.post(IMPORTS, {"dataset": factories.dataset().pk, "file": large})
    assert answer.status_code == 400
    assert answer.json()["fields"]["file"] == [
        "The file is larger than 1 MB. Split it, or ask the administrator."
    ]


def test_the_dataset_s_page_leads_to_an_import_into_it(admin_client):
    into = factories.dataset()
    page = admin_client.get(reverse("admin:synthesis_dataset_change", args=[into.pk]))
    link = f"{reverse('admin:synthesis_datasetimport_add')}?target={into.pk}"
    assert f'href="{link}"' in page.content.decode()


def test_the_api_takes_a_file_and_tells_how_it_went(admin_client):
    body = {"dataset": factories.dataset().pk, "file": upload({"a": "b"}, ["bad"])}
    answer = admin_client.post(IMPORTS, body)
    assert (answer.status_code, answer.json()["status"]) == (202, "waiting")
    done(DatasetImport.objects.get())
    shown = admin_client.get(f"{IMPORTS}{answer.json()['id']}/").json()
    assert (shown["status"], shown["rows_read"], shown["counts"]) == (
        "completed",
        2,
        {"accepted": 1},
    )
    assert shown["problems"] == [{"row": 2, "code": "not_an_object", "detail": ""}]


def test_the_api_asks_for_the_permission(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("nobody"))
    answer = client.post(IMPORTS, {"dataset": factories.dataset().pk, "file": upload({"a": "b"})})
    assert answer.status_code == 403


def run(*words, **options):
    output, errors = io.StringIO(), io.StringIO()
    call_command("import_dataset", *words, stdout=output, stderr=errors, **options)
    return output.getvalue().strip(), errors.getvalue().strip()


def test_the_command_reads_a_file_at_once(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("a,b\n1,2\n1,2\n", "utf-8")
    output, _errors = run(str(path), "New", create=True)
    assert output == "rows read: 2 · accepted: 1 · duplicate: 1 · not readable: 0"
    assert Record.objects.filter(dataset=Dataset.objects.get(name="New")).count() == 2


def test_the_command_names_bad_rows(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"a": 1}\n[2]\n', "utf-8")
    _output, errors = run(str(path), factories.dataset().name)
    assert errors == "Row 2: The row is no object."


@pytest.mark.parametrize(
    ("name", "text", "sentence", "code"),
    [
        ("rows.exe", "a", "Files called .exe cannot be read; take JSONL", 2),
        ("rows.json", "3", "The JSON file holds no list of objects.", 1),
        ("missing.csv", None, "cannot be read: No such file or directory.", 2),
    ],
)
def test_the_command_says_what_is_wrong(tmp_path, name, text, sentence, code):
    path = tmp_path / name
    if text is not None:
        path.write_text(text, "utf-8")
    with pytest.raises(CommandError) as refused:
        run(str(path), factories.dataset().name)
    assert sentence in str(refused.value)
    assert refused.value.returncode == code
