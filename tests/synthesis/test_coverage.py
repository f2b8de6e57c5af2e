"""How often each drawn value was planned, made and accepted."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from synthesis import coverage
from synthesis.coverage import Covered
from synthesis.models import Batch, Run
from tests import api, factories

pytestmark = pytest.mark.django_db

VARIABLES = [
    {"name": "主题", "type": "list", "default": ["tea", "<b>rice</b>"]},
    {"name": "level", "type": "choice", "choices": ["easy", 3]},
    {"name": "tone", "type": "choice", "choices": ["dry", "warm"], "default": "dry"},
    {"name": "place", "type": "text", "default": "here"},
]


def run(variables: list[dict[str, Any]] = VARIABLES, **fields: Any) -> Run:
    prompt = " ".join(f"{{{row['name']}}}" for row in variables)
    return factories.run(
        factories.task(template=factories.template(prompt=prompt, variables=variables), **fields)
    )


def batch(of_run: Run, topic: str, level: Any, **fields: Any) -> Batch:
    given = {
        "index": of_run.batches.count() + 1,
        "requested": 10,
        "seed": 1,
        "language_model_id": of_run.mix[0]["language_model"],
        "values": {"主题": topic, "level": level, "tone": "dry"},
        **fields,
    }
    return Batch.objects.create(run=of_run, **given)


def test_sums_up_what_batches_drew():
    of_run = run()
    batch(of_run, "tea", "easy", state="done", accepted=7, malformed=2)
    batch(of_run, "tea", 3)
    topic, level = coverage.of_run(of_run)
    assert (topic.name, level.name) == ("主题", "level")
    assert topic.values == [Covered("tea", 20, 9, 7), Covered("<b>rice</b>", 0, 0, 0)]
    assert level.values == [Covered("easy", 10, 9, 7), Covered("3", 10, 0, 0)]


def test_what_is_cancelled_or_repaired_is_not_planned_again():
    of_run = run()
    batch(of_run, "tea", 3, state="cancelled")
    batch(of_run, "tea", 3, kind="repair", requested=1, accepted=1)
    assert coverage.of_run(of_run)[0].values[0] == Covered("tea", 0, 1, 1)


def test_a_task_that_names_some_choices_draws_from_these():
    of_run = run(values={"level": ["easy"], "主题": ["tea"]})
    assert [[row.value for row in each.values] for each in coverage.of_run(of_run)] == [
        ["tea"],
        ["easy"],
    ]


def test_nothing_is_read_where_nothing_is_drawn(django_assert_num_queries):
    of_run = run(VARIABLES[3:])
    of_run.refresh_from_db()
    with django_assert_num_queries(1):
        assert coverage.of_run(of_run) == []


def test_very_many_values_are_cut():
    topics = [f"topic {number}" for number in range(250)]
    [found] = coverage.of_run(run([{"name": "topic", "type": "list", "default": topics}]))
    assert (len(found.values), found.left_out) == (200, 50)


@pytest.mark.any_database
def test_the_pages_load_it_when_it_is_opened(admin_client):
    of_run = run()
    batch(of_run, "<b>rice</b>", 3, state="done", accepted=9)
    address = reverse("admin:synthesis_run_coverage", args=[of_run.pk])
    for name, pk in (("run", of_run.pk), ("synthesistask", of_run.task_id)):
        page = admin_client.get(reverse(f"admin:synthesis_{name}_change", args=[pk]))
        assert f'hx-get="{address}"' in page.content.decode()
    part = admin_client.get(address).content.decode()
    assert "&lt;b&gt;rice&lt;/b&gt;" in part
    assert '<td class="sy-number">9</td>' in part


@pytest.mark.any_database
def test_the_api_tells_it():
    of_run = run()
    batch(of_run, "tea", "easy", state="done", accepted=7)
    found = api.client("view").get(f"/api/v1/runs/{of_run.pk}/coverage/").json()
    assert found[0]["values"][0] == {"value": "tea", "planned": 10, "made": 7, "accepted": 7}


@pytest.mark.any_database
def test_a_part_of_the_page_asks_for_the_permission_to_see_runs(client):
    address = reverse("admin:synthesis_run_coverage", args=[run().pk])
    assert client.get(address).status_code == 302
