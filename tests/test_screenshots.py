from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from jsonschema import validate

from synthesis import schemas, starters
from tests.conftest import ROOT
from tests.screenshots import ANSWERS, BATCH, ORDERS, ReadableMaker
from tests.stub_vendor import StubVendor


def test_the_command_is_read_without_django() -> None:
    """Its pages are those of a product in processes of its own."""
    words = [sys.executable, "-c", "import tests.screenshots"]
    environment = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
    assert subprocess.run(words, cwd=ROOT, env=environment, check=False).returncode == 0


@pytest.mark.parametrize("kind", ["qa", "comments"])
@pytest.mark.parametrize("language", ORDERS)
def test_shows_records_that_fit_the_starter(language: str, kind: str) -> None:
    name = ORDERS[language][kind][0]
    schema = next(row["output_schema"] for row in starters.load() if row["name"] == name)
    asked = schemas.reply_schema(schema, BATCH)
    text, _kinds = ReadableMaker(StubVendor(), language).answer(asked, BATCH, 0, 0)
    validate(json.loads(text), asked)


def test_leaves_a_task_under_way() -> None:
    vendor = StubVendor()
    maker = ReadableMaker(vendor, "en")
    asked = schemas.reply_schema({"properties": {"question": {}}}, BATCH)
    for answer in range(ANSWERS):
        assert vendor.behaviour.hang is False, answer
        maker.answer(asked, BATCH, 0, 0)
    assert vendor.behaviour.hang is True
