"""The guide's examples, run one after the other as they stand."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from string import Template

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.authtoken.models import Token

from providers.models import LanguageModel
from quality.models import QualityPolicy
from synthesis.errors import SENTENCES
from synthesis.models import Record, Run, SynthesisTask
from tests import api, factories
from tests.quality.deduplication.datasets import OOLONG, REWORDED, found, unsearched
from tests.quality.evaluation.datasets import evaluated

pytestmark = pytest.mark.django_db

GUIDE = (Path(settings.BASE_DIR) / "docs" / "api.md").read_text(encoding="utf-8")
# Never the vendor's fault: what the engine says about workers has no place in an answer.
NOT_IN_ANSWERS = {"worker_running", "has_mixed", "mixture_short", "source_used", "source_loading"}


def commands():
    blocks = re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)
    text = "".join(blocks).replace("\\\n", " ")
    return [part for part in re.split(r"^(?=curl |export )", text, flags=re.MULTILINE) if part]


def run_curl(client, words):
    """Do with the test client what this curl command does."""
    options = {"-H": [], "-d": [], "-F": [], "-X": [], "-o": []}
    rest = iter(words[1:])
    address = ""
    for word in rest:
        if word in options:
            options[word].append(next(rest))
        elif not word.startswith("-"):
            address = word
    headers = dict(header.split(": ", 1) for header in options["-H"])
    if options["-F"]:
        return client.post(address, form(options["-F"]), headers=headers)
    method = (options["-X"] or ["POST" if options["-d"] else "GET"])[0]
    body = "".join(options["-d"]).encode()
    kind = headers.pop("Content-Type", "application/octet-stream")
    return client.generic(method, address, body, content_type=kind, headers=headers)


def form(parts):
    """Return what curl posts for these parts; a file has a row of two columns."""
    pairs = [part.split("=", 1) for part in parts]
    rows = b"question,answer\nWhat is it?,A cup of tea.\n"
    return {
        name: SimpleUploadedFile(value[1:], rows) if value.startswith("@") else value
        for name, value in pairs
    }


@pytest.fixture
def names(stub_vendor):
    """What the guide's variables stand for."""
    run = factories.run(factories.task(factories.language_model(stub_vendor.url)))
    [record] = factories.records(1, of_run=run)
    model = LanguageModel.objects.get()
    return {
        "DATAMATE": "",
        "TOKEN": Token.objects.create(user=api.user(*api.VERBS)).key,
        "TEMPLATE": run.template_version.template_id,
        "MODEL": model.pk,
        "PROVIDER": model.provider_id,
        "TASK": run.task_id,
        "RUN": run.pk,
        "RECORD": record.pk,
        "DATASET": run.dataset_id,
        "POLICY": QualityPolicy.objects.create(name="Strict").pk,
        "EVALUATION": evaluated(run.dataset).pk,
        "OTHER": evaluated(run.dataset).pk,
        "DEDUPLICATION": found(unsearched(OOLONG, REWORDED)[0].dataset).pk,
    }


def test_every_example_works(client, names):
    answers = {}
    for command in commands():
        version = Record.objects.get(pk=names["RECORD"]).version
        words = shlex.split(Template(command).safe_substitute(names, VERSION=version))
        if words[0] == "curl":
            answers[command] = run_curl(client, words).status_code
            # What the worker would have done by then.
            Run.objects.filter(status="pending", task=names["TASK"]).update(status="running")
    assert len(answers) >= 20
    refused = {c: code for c, code in answers.items() if code >= 400}
    assert not refused
    assert SynthesisTask.objects.filter(name="Green tea").exists()


def test_every_code_of_a_refused_command_is_listed():
    listed = set(re.findall(r"`([a-z_]+)`", GUIDE))
    assert set(SENTENCES) - NOT_IN_ANSWERS <= listed


def test_every_status_is_listed():
    for status in ("draft", *Run.Status.values):
        assert status in GUIDE
