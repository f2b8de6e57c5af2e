from __future__ import annotations

import pytest

from synthesis.models import RatioTask, Record, Run
from synthesis.models.ratio import fresh
from tests import factories
from tests.faults.deployment import Deployment
from tests.stub_vendor import StubVendor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]

TOTAL = 200
SHARES = {"positive": 40, "negative": 30, "neutral": 30}


def accepted(task: RatioTask) -> dict[str, int]:
    records = Record.objects.accepted().filter(dataset=task.dataset)
    return {name: records.in_category(name).count() for name in SHARES}


def test_every_category_keeps_its_count_after_the_whole_worker_is_killed(tmp_path):
    vendor = StubVendor(latency=0.05, p_duplicate=0.1, p_malformed=0.05, p500=0.05)
    with vendor as server, Deployment(tmp_path) as deployment:
        model = factories.language_model(server.openai_url)
        task = factories.ratio_task(SHARES, model, total=TOTAL, batch_size=5)
        task.start()
        deployment.start_worker()
        deployment.wait_for(lambda: fresh(task).accepted_count >= TOTAL // 4, "record")
        deployment.kill_everything()
        deployment.start_worker()
        for run in Run.objects.all():
            deployment.wait_until_ended(run)
    assert fresh(task).status == RatioTask.Status.COMPLETED
    assert accepted(task) == {name: TOTAL * share // 100 for name, share in SHARES.items()}
    assert server.stats.max_inflight <= 2 * task.concurrency
