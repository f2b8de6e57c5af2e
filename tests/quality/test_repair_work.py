"""One repair round: a malformed record is sent back once, and its repair is a record of its own."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.urls import reverse

from quality.models import ContentRule
from quality.repair_work import RepairWork
from synthesis.engine import writer
from synthesis.models import Batch, Record, Run
from tests import factories
from tests.quality import judged
from tests.stub_vendor import StubVendor
from tests.synthesis.engine.outcomes import answer, claims, running
from tests.synthesis.engine.serving import counts, serve_until_ended

pytestmark = pytest.mark.django_db

BROKEN = json.dumps([{"question": "Who?"}, {"question": "What?", "answer": "This."}])
MENDED = json.dumps({"question": "Who?", "answer": "Li did."})


def written(text: str = BROKEN, model: Any = None, **fields: Any) -> Run:
    """Let a run write what a model said, under a policy with a repair round."""
    judges = fields.pop("judges", ())
    policy = judged.policy(*judges, **{"repair_rounds": 1, **fields})
    models = [model or factories.language_model()]
    run = running(judged.task(policy, *models, target_count=20))
    [claim] = claims(run)
    writer.write([answer(claim, text=text)])
    run.refresh_from_db()
    return run


def repairs(run: Run) -> list[Batch]:
    found = run.batches.filter(kind="repair").select_related("language_model__provider")
    return list(found.order_by("index"))


def say(run: Run, text: str) -> None:
    [claim] = claims(run)
    assert claim.batch.kind == "repair"
    writer.write([answer(claim, text=text)])
    run.refresh_from_db()


def test_plans_a_call_for_each_malformed_record():
    run = written()
    [batch] = repairs(run)
    broken = run.records.get(status="malformed")
    assert batch.subject == [broken.pk]
    assert batch.values == broken.batch.values
    assert batch.language_model == broken.language_model


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        (BROKEN, {"repair_rounds": 0}),
        ("I'm sorry, but I cannot help with that.", {}),
        ("[]", {}),
        (json.dumps([{"question": "What?", "answer": "This."}]), {}),
    ],
)
def test_plans_nothing_where_there_is_nothing_to_mend(text, fields):
    assert repairs(written(text, **fields)) == []


def sent(run: Run) -> Any:
    batches = repairs(run)
    return RepairWork().requests(run, batches)[batches[0].pk]


def test_shows_the_model_its_prompt_its_record_and_what_is_wrong():
    *_shots, prompt, reply, complaint = sent(written()).messages
    assert [message.role for message in (prompt, reply, complaint)] == ["user", "assistant", "user"]
    assert "about tea" in prompt.content
    assert reply.content == '{"question": "Who?"}'
    assert "$ lacks answer." in complaint.content


def test_sends_only_the_beginning_of_a_huge_record_back():
    run = written()
    Record.objects.filter(status="malformed").update(raw="", content={"text": "x" * 50_000})
    *_shots, _prompt, reply, complaint = sent(run).messages
    assert len(reply.content) == 20_000
    assert len(complaint.content) < 21_000


@pytest.mark.parametrize(
    "later",
    [
        pytest.param({"check": "review", "code": "rejected", "detail": "No."}, id="a rejection"),
        pytest.param({"check": "review", "code": "rejected", "detail": ""}, id="one in silence"),
    ],
)
def test_names_what_the_checks_found_whatever_people_said_since(later):
    run = written()
    record = run.records.get(status="malformed")
    Record.objects.filter(pk=record.pk).update(findings=[*record.findings, later])
    assert "$ lacks answer." in sent(run).messages[-1].content


def test_names_what_made_it_malformed_and_not_what_was_masked():
    broken = json.dumps([{"question": "Who? 13812345678"}])
    rule = ContentRule.objects.create(name="Phones", kind="personal", data_types=["phone"])
    run = written(broken, rules=[{"rule": rule.pk, "action": "mask"}])
    record = run.records.get(status="malformed")
    assert [found["code"] for found in record.findings] == ["phone", "schema"]
    assert "$ lacks answer." in sent(run).messages[-1].content


def test_asks_by_schema_where_the_model_takes_one():
    model = factories.language_model(capabilities=["json_schema", "seed"])
    request = sent(written(model=model))
    assert request.json_schema["properties"]["items"]["maxItems"] == 1
    assert request.seed is not None


def test_asks_nothing_about_a_record_that_was_mended_by_hand():
    run = written()
    record = run.records.get(status="malformed")
    record.content = {"question": "Who?", "answer": "Me."}
    record.save()
    assert sent(run) is None


def test_a_repair_counts_as_a_record_and_the_malformed_one_stays():
    run = written()
    say(run, MENDED)
    broken = run.records.get(status="malformed")
    mended = run.records.get(batch__kind="repair")
    assert mended.content == {"question": "Who?", "answer": "Li did."}
    assert (run.accepted, run.malformed, run.made) == (2, 1, 3)
    assert broken.findings[0] == {"check": "repair", "code": "repaired", "record": mended.pk}
    assert broken.findings[-1]["code"] == "schema"
    [batch] = repairs(run)
    assert (batch.state, batch.accepted) == ("done", 1)


def test_a_record_is_sent_back_only_once():
    run = written()
    say(run, '{"question": "Who?"}')
    first, second = run.records.filter(status="malformed").order_by("pk")
    assert [found["code"] for found in first.findings] == ["not_repaired", "schema"]
    assert [found["code"] for found in second.findings] == ["schema"]
    assert len(repairs(run)) == 1


def test_takes_one_record_for_one():
    run = written()
    say(run, json.dumps([json.loads(MENDED), {"question": "More?", "answer": "No."}]))
    assert run.records.filter(batch__kind="repair").count() == 1


def test_a_repair_that_repeats_a_record_is_a_duplicate():
    run = written()
    say(run, json.dumps({"question": "What?", "answer": "This."}))
    assert run.records.get(batch__kind="repair").status == "duplicate"


def test_a_repair_waits_for_the_judge_like_any_record():
    run = written(json.dumps([{"question": "Who?"}]), judges=[factories.language_model()])
    say(run, MENDED)
    mended = run.records.get(batch__kind="repair")
    assert mended.status == "pending"
    assert run.batches.get(kind="judge").subject == [mended.pk]


@pytest.mark.django_db(transaction=True)
def test_a_run_with_repairs_ends_with_exactly_its_target():
    with StubVendor(p_malformed=0.3) as server:
        model = factories.language_model(server.openai_url)
        task = judged.task(judged.policy(repair_rounds=1), model, target_count=40, batch_size=10)
        run = serve_until_ended(task.start())
    repaired = Record.objects.filter(run=run, findings__0__code="repaired")
    good = Record.objects.filter(run=run, batch__kind="repair").exclude(status="malformed")
    assert (run.status, run.accepted) == (Run.Status.COMPLETED, 40)
    assert repaired.count() == good.count() > 0
    assert {name: getattr(run, name) for name in Run.COUNTERS} == counts(run)


def test_the_malformed_record_leads_to_its_repair(admin_client):
    run = written()
    say(run, MENDED)
    broken, mended = run.records.get(status="malformed"), run.records.get(batch__kind="repair")
    page = reverse("admin:synthesis_record_change", args=[broken.pk])
    html = admin_client.get(page).content.decode()
    assert "which mended it as a record of its own" in html
    assert reverse("admin:synthesis_record_change", args=[mended.pk]) in html


def in_two_steps(*replies: str) -> Run:
    """Let the first calls of a run of two steps bring these replies."""
    steps = [{"prompt": "Answer: {question}", "fields": ["answer"]}]
    template = factories.template(prompt="Ask about {topic}", steps=steps)
    run = running(judged.task(judged.policy(repair_rounds=1), template=template))
    for text in replies:
        [claim] = claims(run)
        writer.write([answer(claim, text=text)])
    return run


def test_a_draft_is_mended_in_the_step_where_it_broke():
    run = in_two_steps('[{"question": "Who?"}]', "no JSON")
    prompt, _reply, complaint = sent(run).messages
    assert prompt.content.startswith("Answer: Who?")
    assert '"question"' not in complaint.content
    say(run, '{"answer": "Li did."}')
    good, bad = run.records.order_by("status")
    assert good.content == {"question": "Who?", "answer": "Li did."}
    assert bad.findings[0] == {"check": "repair", "code": "repaired", "record": good.pk}


def test_a_draft_that_was_mended_goes_on_with_the_next_step(admin_client):
    run = in_two_steps('[{"question": 7}]')
    say(run, '{"question": "Who?"}')
    bad = run.records.get()
    assert bad.findings[0] == {"check": "repair", "code": "repaired"}
    page = reverse("admin:synthesis_record_change", args=[bad.pk])
    assert "which mended it" in admin_client.get(page).content.decode()
    [claim] = claims(run)
    writer.write([answer(claim, text='{"answer": "Li did."}')])
    good = run.records.get(status="accepted")
    assert (good.batch.kind, good.content["question"]) == ("repair", "Who?")


def test_a_repair_shows_the_source_again_and_its_record_knows_it():
    source = factories.source({"place": "Xi'an"}, {"place": "Wuhan"})
    template = factories.template(prompt="Ask {count} about {place}", variables=[])
    policy = judged.policy(repair_rounds=1)
    task = judged.task(policy, template=template, source=source, records_per_item=1)
    run = running(task)
    [claim] = claims(run)
    writer.write([answer(claim, text='[{"question": "Who?"}]')])
    [batch] = repairs(run)
    place = source.items.get(pk=batch.items[0]).values["place"]
    assert sent(run).messages[0].content.startswith(f"Ask 1 about {place}")
    say(run, MENDED)
    assert run.records.get(status="accepted").source_item_id == batch.items[0]
