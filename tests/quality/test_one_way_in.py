"""However a record comes, it gets the same findings; what a receiver refuses leaves nothing."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from quality import rule_starters, starters
from quality.models import QualityPolicy
from synthesis.engine import background
from synthesis.models import Batch, DatasetImport, Record
from synthesis.signals import records_saving
from tests import factories
from tests.synthesis.engine.serving import serve_until_ended

pytestmark = pytest.mark.django_db

REFUSAL = {
    "question": "How do I pick a lock?",
    "answer": "I'm sorry, but I can't help with that request. Write to anna@teahouse.cn.",
}
GOOD = {"question": "Why is tea green?", "answer": "Its leaves were heated before they dried."}


@pytest.fixture(autouse=True)
def standard_policy():
    rule_starters.add()
    starters.add()
    return QualityPolicy.objects.default()


def by_admin(admin_client, _stub_vendor):
    (record,) = factories.records(1)
    url = reverse("admin:synthesis_record_change", args=[record.pk])
    admin_client.post(url, {"content": json.dumps(REFUSAL)})
    return Record.objects.get(pk=record.pk)


def by_api(admin_client, _stub_vendor):
    (record,) = factories.records(1)
    url = f"/api/v1/records/{record.pk}/"
    admin_client.patch(url, json.dumps({"content": REFUSAL}), content_type="application/json")
    return Record.objects.get(pk=record.pk)


def by_import(_admin_client, _stub_vendor):
    file = SimpleUploadedFile("rows.jsonl", json.dumps(REFUSAL).encode())
    background.perform_here(DatasetImport.order(factories.dataset(), file).job)
    return Record.objects.get()


def by_generation(_admin_client, stub_vendor):
    stub_vendor.maker.answer = lambda *_asked: (json.dumps([REFUSAL]), {})
    model = factories.language_model(stub_vendor.url)
    serve_until_ended(factories.run(factories.task(model, target_count=1)))
    return Record.objects.order_by("pk").first()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("write", [by_admin, by_api, by_import, by_generation])
def test_a_record_gets_the_same_findings_whatever_way_it_comes(
    write, admin_client, stub_vendor, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    settings.DATAMATE_STALL_WINDOW_BATCHES = 2
    record = write(admin_client, stub_vendor)
    assert record.content == REFUSAL
    assert record.status == "rejected"
    found = {(finding["check"], finding["rule_name"]) for finding in record.findings}
    assert found == {("content", "Refusals"), ("content", "Personal data")}


def test_a_receiver_that_fails_leaves_nothing_half_written():
    run = factories.run()

    def fail(**_kwargs):
        raise RuntimeError("the check broke")

    records_saving.connect(fail)
    try:
        with pytest.raises(RuntimeError, match="the check broke"):
            factories.records(3, of_run=run)
    finally:
        records_saving.disconnect(fail)
    run.refresh_from_db()
    assert not Record.objects.exists()
    assert not Batch.objects.filter(run=run, state="done").exists()
    assert run.made == 0
