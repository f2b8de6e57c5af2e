"""Templates of several steps: drafts go on from call to call, and one record comes of each."""

from __future__ import annotations

import json
from typing import Any

import pytest

from providers.errors import CallTimeoutError
from synthesis.engine import leases, planner, writer
from synthesis.engine.ledger import store
from synthesis.models import Batch, Run
from tests import factories
from tests.synthesis.engine.outcomes import answer, claims, failure, running
from tests.synthesis.engine.serving import serve_until_ended

pytestmark = pytest.mark.django_db

STEPS = [{"prompt": "Answer: {question}", "fields": ["answer"]}]


def two_steps(**fields: Any) -> Run:
    template = factories.template(prompt="Ask {count} about {topic}.", steps=STEPS)
    return running(template=template, **{"target_count": 4, "batch_size": 2, **fields})


def ask(run: Run, *drafts: dict[str, Any]) -> Batch:
    """Let the next first call bring drafts."""
    claim = claims(run)[0]
    write(answer(claim, text=json.dumps(list(drafts))))
    return claim.batch


def reply(run: Run, *texts: str) -> list[Batch]:
    """Let the next calls bring these texts."""
    taken = claims(run, len(texts))
    write(*[answer(claim, text=text) for claim, text in zip(taken, texts, strict=True)])
    return [claim.batch for claim in taken]


def write(*outcomes: Any) -> None:
    store(outcomes)
    writer.write(list(outcomes))


def test_each_draft_becomes_a_call_of_the_next_step():
    run = two_steps()
    begun = ask(run, {"question": "Why?"}, {"question": "How?"})
    rows = run.batches.filter(kind="step").order_by("index")
    assert [(row.origin_id, row.subject, row.step, row.requested) for row in rows] == [
        (begun.pk, [0], 1, 1),
        (begun.pk, [1], 1, 1),
    ]
    own = {"count": 1, "seed": rows[0].seed, "question": "Why?"}
    assert rows[0].values == {**begun.values, **own}
    assert rows[0].seed != rows[1].seed
    assert not run.records.exists()


def test_the_last_step_makes_the_record_in_the_order_of_the_schema():
    run = two_steps()
    begun = ask(run, {"question": "Why?", "answer": "too early"})
    reply(run, '{"answer": "So.", "more": 1}')
    record = run.records.get()
    assert list(record.content.items()) == [("question", "Why?"), ("answer", "So.")]
    assert (record.status, record.batch_id, record.position) == ("accepted", begun.pk, 0)


def test_a_record_counts_for_the_batch_that_began_it():
    run = two_steps()
    begun = ask(run, {"question": "Why?"}, {"question": "How?"})
    step, _other = reply(run, '[{"answer": "So."}, {"answer": "Not asked for."}]', "no JSON")
    begun.refresh_from_db()
    step.refresh_from_db()
    run.refresh_from_db()
    assert (begun.accepted, begun.malformed, step.made) == (1, 1, 0)
    assert (run.accepted, run.malformed) == (1, 1)


def test_a_draft_that_lacks_what_the_next_prompt_uses_is_malformed():
    run = two_steps()
    begun = ask(run, {"question": 7}, {"answer": "So."}, {"question": "Why?"})
    bad = list(run.records.order_by("position"))
    assert [(row.position, row.status, row.batch_id) for row in bad] == [
        (0, "malformed", begun.pk),
        (1, "malformed", begun.pk),
    ]
    assert [row.findings[0]["rule"] for row in bad] == ["type", "required"]
    assert run.batches.filter(kind="step").get().subject == [2]


def test_later_steps_go_before_new_drafts():
    run = two_steps(target_count=20)
    ask(run, {"question": "Why?"})
    assert [claim.batch.kind for claim in claims(run, 2)] == ["step", "generate"]


def test_drafts_under_way_count_as_coming():
    run = two_steps(target_count=2)
    ask(run, {"question": "Why?"}, {"question": "How?"})
    assert planner.top_up(run) == 0
    reply(run, '{"answer": "So."}', "no JSON")
    assert run.batches.planned().get().kind == "generate"


def test_a_step_that_fails_for_good_is_filled_by_a_new_draft():
    run = two_steps(target_count=1, batch_size=1, max_attempts=1)
    ask(run, {"question": "Why?"})
    write(failure(claims(run)[0], CallTimeoutError("")))
    assert run.batches.failed().get().kind == "step"
    assert run.batches.planned().get().kind == "generate"


def test_failed_steps_are_retried_with_their_drafts():
    run = two_steps(target_count=1, batch_size=1, max_attempts=1)
    ask(run, {"question": "Why?"})
    write(failure(claims(run)[0], CallTimeoutError("")))
    assert run.retry_failed() == 1
    reply(run, '{"answer": "So."}')
    assert run.records.get().content == {"question": "Why?", "answer": "So."}


def test_a_full_run_gives_up_the_steps_that_are_planned():
    run = two_steps(target_count=1)
    ask(run, {"question": "Why?"}, {"question": "How?"})
    reply(run, '{"answer": "So."}')
    run.refresh_from_db()
    assert run.status == "completed"
    assert [row.state for row in run.batches.filter(kind="step")] == ["done", "cancelled"]


def test_a_step_in_flight_when_the_run_is_full_brings_a_surplus_record():
    run = two_steps(target_count=1)
    begun = ask(run, {"question": "Why?"}, {"question": "How?"})
    first, second = claims(run, 2)
    write(answer(first, text='{"answer": "So."}'))
    write(answer(second, text='{"answer": "Thus."}'))
    begun.refresh_from_db()
    assert (begun.accepted, begun.surplus) == (1, 1)


def test_drafts_of_a_run_that_ended_meanwhile_are_asked_nothing_more():
    run = two_steps()
    claim = claims(run)[0]
    run.cancel()
    write(answer(claim, text='[{"question": "Why?"}]'))
    assert run.batches.get(kind="step").state == "cancelled"


def test_a_stalled_run_keeps_its_drafts_until_it_is_resumed():
    run = two_steps()
    ask(run, {"question": "Why?"})
    run.stop("stalled", "low_acceptance")
    assert run.batches.planned().get().kind == "step"


def test_an_answer_that_was_stored_before_a_crash_is_not_bought_again():
    run = two_steps()
    ask(run, {"question": "Why?"})
    worker = leases.register("runner")
    claim = claims(run, worker=worker)[0]
    store([answer(claim, text='{"answer": "So."}')])
    leases.dismiss(worker.pk)
    again = claims(run)[0]
    assert (again.batch.pk, again.stored) == (claim.batch.pk, b'{"answer": "So."}')
    assert again.batch.values["question"] == "Why?"


@pytest.mark.parametrize("text", ['{"answer": 7}', "no JSON"])
def test_a_run_whose_later_step_brings_nothing_stalls(settings, text):
    settings.DATAMATE_STALL_WINDOW_BATCHES = 2
    run = two_steps(batch_size=1, target_count=9)
    taken = claims(run, 2)
    write(*[answer(claim, text=f'[{{"question": "{claim.batch.pk}?"}}]') for claim in taken])
    reply(run, text)
    run.refresh_from_db()
    assert run.status == "running"
    reply(run, text)
    run.refresh_from_db()
    assert (run.status, run.reason_code) == ("stalled", "low_acceptance")


def test_a_run_whose_later_step_always_fails_says_so(settings):
    settings.DATAMATE_STALL_WINDOW_BATCHES = 2
    run = two_steps(batch_size=1, target_count=9, max_attempts=1)
    for question in ("Why?", "How?"):
        ask(run, {"question": question})
        write(failure(claims(run)[0], CallTimeoutError("")))
    run.refresh_from_db()
    assert (run.status, run.reason_code, run.reason_detail) == (
        "failed",
        "calls_failing",
        "timeout",
    )


@pytest.mark.django_db(transaction=True)
def test_a_run_of_two_steps_ends_with_exactly_its_records(stub_vendor):
    stub_vendor.set(count=1, p_malformed=0.1, p_broken=0.1)
    model = factories.language_model(stub_vendor.url, capabilities=["json_schema", "seed"])
    template = factories.template(prompt="N_RECORDS={count} on {topic}", steps=STEPS)
    run = factories.run(factories.task(model, template=template, target_count=20, batch_size=5))
    serve_until_ended(run)
    good = run.records.filter(status="accepted")
    assert (run.status, good.count(), stub_vendor.stats.repeat_ok) == ("completed", 20, 0)
    assert {(row.batch.kind, tuple(row.content)) for row in good.select_related("batch")} == {
        ("generate", ("question", "answer"))
    }
