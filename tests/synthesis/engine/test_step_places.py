"""Where the calls of later steps stand: their seeds and items, and what a crash leaves of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from synthesis.engine import continuation, leases, planner, writer
from synthesis.engine.ledger import store
from synthesis.engine.samples import APPROVED, AVOID
from synthesis.models import Batch, Record, Run, Worker
from tests import factories
from tests.synthesis.engine.outcomes import answer, claims
from tests.synthesis.engine.test_continuation import ask, reply, two_steps, write

QUESTIONS = [{"question": "Why?"}, {"question": "How?"}]


def begun(**fields: Any) -> Batch:
    """A first call whose drafts are at hand."""
    return Batch(**{"pk": 5, "seed": 7, "values": {"topic": "tea", "count": 9}, **fields})


def draft(position: int = 0, **content: Any) -> Record:
    return Record(position=position, content=content)


def test_a_steps_seed_depends_on_the_drafts_place_and_not_on_what_it_says():
    seeds = [
        continuation.next_step(draft(position, question=text), begun()).values["seed"]
        for position, text in ((0, "Why?"), (0, "How?"), (1, "Why?"))
    ]
    assert seeds[0] == seeds[1] != seeds[2]


def test_another_call_gives_the_same_place_another_seed():
    first, other = (continuation.next_step(draft(), begun(seed=seed)) for seed in (7, 8))
    assert first.values["seed"] != other.values["seed"]


def test_a_third_step_belongs_to_the_call_that_began_the_draft():
    second = continuation.next_step(draft(3, question="Why?"), begun())
    second.pk, second.seed, second.kind = 6, second.values["seed"], Batch.Kind.STEP
    third = continuation.next_step(draft(0, answer="So."), second)
    assert (third.origin_id, third.subject, third.step) == (5, [3], 2)
    assert third.values["seed"] != second.seed
    assert third.values | {"seed": 0} == {
        "topic": "tea", "count": 1, "seed": 0, "question": "Why?", "answer": "So.",
    }  # fmt: skip


def test_a_step_has_nothing_to_avoid_and_keeps_the_examples():
    values = {AVOID: "- Why?", APPROVED: [{"question": "How?"}]}
    step = continuation.next_step(draft(), begun(values=values))
    assert (step.values[AVOID], step.values[APPROVED]) == ("", values[APPROVED])


def test_a_step_is_not_told_of_samples_where_there_were_none():
    assert AVOID not in continuation.next_step(draft(), begun()).values


@pytest.mark.parametrize(("item", "items"), [(12, [12]), (None, [11, 12])])
def test_a_step_shows_the_item_of_its_draft_and_all_where_it_is_not_known(item, items):
    record = draft()
    record.source_item_id = item
    assert continuation.next_step(record, begun(items=[11, 12])).items == items


def test_a_step_goes_to_the_model_that_began_the_draft():
    assert continuation.next_step(draft(), begun(language_model_id=3)).language_model_id == 3


def test_a_record_of_one_step_stays_where_it_is():
    record = continuation.placed(Record(batch_id=5, position=2), begun(kind="generate"))
    assert (record.batch_id, record.position) == (5, 2)


def test_a_record_of_a_step_goes_to_the_place_of_its_draft():
    step = begun(kind="step", origin_id=4, subject=[8])
    record = continuation.placed(Record(batch_id=5, position=0), step)
    assert (record.batch_id, record.position) == (4, 8)


def crash(run: Run, worker: Worker, *texts: str) -> list[Batch]:
    """Let a worker store answers and die before it writes them."""
    taken = claims(run, len(texts), worker=worker)
    store([answer(claim, text=text) for claim, text in zip(taken, texts, strict=True)])
    leases.dismiss(worker.pk)
    return [claim.batch for claim in taken]


@pytest.mark.django_db
class TestAfterACrash:
    def test_the_drafts_that_were_stored_go_on_without_another_call(self):
        run = two_steps(target_count=2)
        [first] = crash(run, leases.register("runner"), json.dumps(QUESTIONS))
        [again] = claims(run)
        assert (again.batch.pk, again.stored) == (first.pk, json.dumps(QUESTIONS).encode())
        write(answer(again, text=again.stored.decode()))
        assert [row.subject for row in run.batches.filter(kind="step").order_by("index")] == [
            [0],
            [1],
        ]
        assert run.calls.filter(batch=first).count() == 1

    def test_an_answer_that_two_workers_write_begins_each_draft_once(self):
        run = two_steps(target_count=2)
        worker = leases.register("runner")
        [first] = claims(run, worker=worker)
        outcome = answer(first, text=json.dumps(QUESTIONS))
        store([outcome])
        leases.dismiss(worker.pk)
        [again] = claims(run)
        writer.write([outcome])
        assert not run.batches.filter(kind="step").exists()
        writer.write([answer(again, text=json.dumps(QUESTIONS))])
        writer.write([outcome])
        assert run.batches.filter(kind="step").count() == 2

    def test_the_steps_that_were_planned_are_claimed_by_the_next_worker(self):
        run = two_steps(target_count=2)
        ask(run, *QUESTIONS)
        worker = leases.register("runner")
        held = claims(run, 2, worker=worker)
        leases.dismiss(worker.pk)
        again = claims(run, 2)
        assert [claim.batch.pk for claim in again] == [claim.batch.pk for claim in held]
        assert [claim.batch.seed for claim in again] == [claim.batch.seed for claim in held]

    def test_what_a_dead_worker_held_still_counts_as_coming(self):
        run = two_steps(target_count=2)
        ask(run, *QUESTIONS)
        crash(run, leases.register("runner"), '{"answer": "So."}')
        run.refresh_from_db()
        assert planner.top_up(run) == 0

    def test_every_record_is_paid_once_for_each_step(self):
        run = two_steps(target_count=2)
        crash(run, leases.register("runner"), json.dumps(QUESTIONS))
        write(answer(claims(run)[0], text=json.dumps(QUESTIONS)))
        crash(run, leases.register("runner"), '{"answer": "So."}', '{"answer": "Thus."}')
        taken = claims(run, 2)
        write(*[answer(claim, text=claim.stored.decode()) for claim in taken])
        run.refresh_from_db()
        assert (run.status, run.accepted, run.calls.count()) == ("completed", 2, 3)


@pytest.mark.django_db
class TestWhatASecondStepDoesNotBring:
    def test_a_duplicate_is_filled_by_a_new_draft(self):
        run = two_steps(target_count=2)
        factories.records(1, into=run.dataset)
        same = {"question": "Why?", "answer": "So."}
        Record.objects.write([Record(dataset=run.dataset, content=same)], dataset=run.dataset)
        ask(run, *QUESTIONS)
        reply(run, '{"answer": "So."}', '{"answer": "Thus."}')
        run.refresh_from_db()
        assert (run.accepted, run.duplicate) == (1, 1)
        assert [row.requested for row in run.batches.planned()] == [1]

    @pytest.mark.parametrize("text", ["no JSON", '{"answer": ""}', "{}", "[]"])
    def test_a_malformed_answer_is_filled_by_a_new_draft(self, text):
        run = two_steps(target_count=2)
        ask(run, *QUESTIONS)
        reply(run, text, '{"answer": "Thus."}')
        run.refresh_from_db()
        assert (run.accepted, run.malformed) == (1, 1)
        assert [(row.kind, row.requested) for row in run.batches.planned()] == [("generate", 1)]

    def test_drafts_that_were_not_asked_for_replace_a_bad_one_at_no_call_more(self):
        run = two_steps(target_count=2)
        ask(run, *QUESTIONS, {"question": "When?"})
        reply(run, "no JSON")
        assert [row.kind for row in run.batches.planned()] == ["step", "step"]

    def test_its_record_knows_no_later_step_of_another_draft(self):
        run = two_steps(target_count=2)
        ask(run, *QUESTIONS)
        steps = reply(run, '{"answer": "So."}', '{"answer": "Thus."}')
        records = run.records.order_by("position")
        assert [continuation.later_steps(row) for row in records] == [[step] for step in steps]
        assert continuation.makers(records) == dict(
            zip((row.pk for row in records), steps, strict=True)
        )


@pytest.mark.django_db
def test_a_record_of_one_step_was_made_by_its_own_call():
    run = two_steps()
    first = ask(run, {"question": 7})
    record = run.records.get()
    assert continuation.later_steps(record) == []
    assert continuation.makers([record]) == {record.pk: first}


@pytest.mark.django_db
def test_a_record_of_no_run_has_no_maker():
    [record] = factories.records(1)
    assert (continuation.later_steps(record), continuation.makers([record])) == ([], {})
