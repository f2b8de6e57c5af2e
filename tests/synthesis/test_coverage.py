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


@pytest.mark.parametrize("variables", [VARIABLES, VARIABLES[3:]])
def test_the_page_offers_it_where_anything_is_drawn(admin_client, variables):
    of_run = run(variables)
    page = admin_client.get(reverse("admin:synthesis_run_change", args=[of_run.pk]))
    address = reverse("admin:synthesis_run_coverage", args=[of_run.pk])
    assert (address in page.text) is (variables is VARIABLES)


def test_very_many_values_are_cut():
    topics = [f"topic {number}" for number in range(250)]
    [found] = coverage.of_run(run([{"name": "topic", "type": "list", "default": topics}]))
    assert (len(found.values), found.left_out) == (200, 50)


def test_a_list_that_the_task_gives_takes_the_place_of_the_templates():
    topic, _level = coverage.of_run(run(values={"主题": ["silk", "silk", "jade"]}))
    assert [row.value for row in topic.values] == ["silk", "jade"]


def test_numbers_and_texts_that_are_printed_alike_are_one_value():
    of_run = run([{"name": "level", "type": "list", "default": [3, "3"]}])
    for drawn in (3, "3"):
        batch(of_run, "", drawn, accepted=1)
    assert coverage.of_run(of_run)[0].values == [Covered("3", 20, 2, 2)]


def test_what_a_failed_call_asked_for_stays_planned():
    of_run = run()
    batch(of_run, "tea", 3, state="failed")
    assert coverage.of_run(of_run)[0].values[0] == Covered("tea", 10, 0, 0)


@pytest.mark.parametrize("kind", ["step", "judge"])
def test_calls_about_records_that_were_begun_are_not_counted_again(kind):
    of_run = run()
    batch(of_run, "tea", 3, state="done", accepted=1)
    batch(of_run, "tea", 3, kind=kind, requested=1, accepted=1)
    assert coverage.of_run(of_run)[0].values[0] == Covered("tea", 10, 1, 1)


def test_records_of_every_fate_have_come_back():
    of_run = run()
    counts = dict.fromkeys(Batch.COUNTERS, 1)
    batch(of_run, "tea", 3, state="done", **counts)
    assert coverage.of_run(of_run)[0].values[0] == Covered("tea", 10, len(counts), 1)


def test_a_value_that_was_drawn_and_is_no_choice_any_more_is_not_listed():
    of_run = run()
    batch(of_run, "silk", 3, accepted=1)
    assert [row.accepted for row in coverage.of_run(of_run)[0].values] == [0, 0]


def test_another_runs_batches_do_not_count():
    of_run = run()
    batch(run(), "tea", 3, accepted=1)
    assert coverage.of_run(of_run)[0].values[0] == Covered("tea", 0, 0, 0)


def test_a_list_of_a_tasks_source_is_not_drawn():
    source = factories.source({"topic": "a"})
    declared = [{"name": "topic", "type": "list", "default": ["tea"]}]
    assert coverage.of_run(run(declared, source=source)) == []


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("verbs", "status"), [((), 403), (("add", "change"), 403), (("view",), 200)]
)
def test_the_api_asks_for_the_permission_to_see_runs(verbs, status):
    response = api.client(*verbs).get(f"/api/v1/runs/{run().pk}/coverage/")
    assert response.status_code == status


@pytest.mark.any_database
def test_the_api_gives_an_empty_list_where_nothing_is_drawn():
    found = api.client("view").get(f"/api/v1/runs/{run(VARIABLES[3:]).pk}/coverage/")
    assert found.json() == []


@pytest.mark.any_database
def test_a_run_that_does_not_exist_has_no_coverage(admin_client):
    assert api.client("view").get("/api/v1/runs/0/coverage/").status_code == 404
    address = reverse("admin:synthesis_run_coverage", args=[0])
    assert admin_client.get(address).status_code == 404


@pytest.mark.any_database
def test_the_page_says_how_many_values_it_leaves_out(admin_client, monkeypatch):
    monkeypatch.setattr(coverage, "MOST_VALUES", 1)
    address = reverse("admin:synthesis_run_coverage", args=[run().pk])
    html = admin_client.get(address).content.decode()
    assert "tea" in html
    assert "rice" not in html
    assert html.count("and 1 more") == 2


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
