from __future__ import annotations

from collections import Counter

import pytest

from synthesis.models import Record, Run
from tests import factories
from tests.faults.deployment import Deployment
from tests.stub_vendor import StubVendor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]

ROWS, EACH = 50, 3


def test_every_row_has_its_records_after_the_whole_worker_is_killed(tmp_path):
    vendor = StubVendor(latency=0.05, p_duplicate=0.1, p_malformed=0.05, p500=0.05)
    with vendor as server, Deployment(tmp_path) as deployment:
        prompt = factories.template(prompt="{question} N_RECORDS={count}", variables=[])
        task = factories.task(
            factories.language_model(server.openai_url),
            template=prompt,
            source=factories.source(*({"question": f"What is {row}?"} for row in range(ROWS))),
            records_per_item=EACH,
        )
        run = task.start()
        deployment.start_worker()
        deployment.wait_for(lambda: Run.objects.get().accepted >= ROWS, "record")
        deployment.kill_everything()
        deployment.start_worker()
        deployment.wait_until_ended(run)
    counts = Counter(Record.objects.accepted().values_list("source_item__position", flat=True))
    assert run.status == Run.Status.COMPLETED
    assert counts == dict.fromkeys(range(ROWS), EACH)
