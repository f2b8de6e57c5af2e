"""What the engine is told about judging: which calls, for whom, and what their answers do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from providers.clients.types import Reply, Usage
from providers.errors import ReplyMalformedError
from quality.judge_work import JudgeWork
from quality.models import Judgement
from synthesis.engine import writer
from synthesis.models import Batch, Record, Run
from tests import factories
from tests.factories import dimension
from tests.quality import judged
from tests.synthesis.engine.outcomes import answer, claims, running

pytestmark = pytest.mark.django_db

WORK = JudgeWork()
USAGE = Usage(prompt_tokens=1, completion_tokens=1)


def written(*questions: str, judges: int = 1, values: Any = None, **fields: Any) -> Run:
    """Let a run write records that wait for judges whose policy the fields make."""
    models = [factories.language_model(name=f"judge-{number}") for number in range(judges)]
    run = running(judged.task(judged.policy(*models, **fields), target_count=20))
    [claim] = claims(run)
    if values:
        Batch.objects.filter(pk=claim.batch.pk).update(values={**claim.batch.values, **values})
    writer.write([answer(claim, *(questions or ("Who?", "What?", "When?")))])
    run.refresh_from_db()
    return run


def calls(run: Run) -> list[Batch]:
    found = run.batches.filter(kind="judge").select_related("language_model__provider")
    return list(found.order_by("index"))


def verdicts(*scores: int) -> str:
    rows = [
        {"record": number, "d1": {"reason": f"It is {score}.", "score": score}}
        for number, score in enumerate(scores, start=1)
    ]
    return json.dumps({"verdicts": rows})


def say(run: Run, *texts: str) -> None:
    """Claim the judges' batches, in their order, and answer them."""
    taken = claims(run, len(texts))
    assert {claim.batch.kind for claim in taken} == {"judge"}
    pairs = zip(sorted(taken, key=lambda claim: claim.batch.index), texts, strict=True)
    writer.write([answer(claim, text=text) for claim, text in pairs])
    run.refresh_from_db()


def statuses(run: Run) -> list[str]:
    return list(run.records.order_by("pk").values_list("status", flat=True))


def test_plans_one_call_a_record_that_says_what_is_asked():
    run = written()
    ids = list(run.records.order_by("pk").values_list("pk", flat=True))
    planned = calls(run)
    assert [batch.subject for batch in planned] == [[pk] for pk in ids]
    rubric = run.quality.rubric_version
    assert planned[0].values == {
        "position": "first",
        "rubric": rubric.pk,
        "asked": [{"name": "Correctness", "weight": 1}],
    }
    assert planned[0].language_model == run.quality.version.judge_model


def test_puts_several_records_into_a_call_where_the_policy_says_so():
    run = written(records_per_judge_call=2)
    assert [len(batch.subject) for batch in calls(run)] == [2, 1]


def test_plans_both_judges_for_each_record():
    run = written("Who?", judges=2)
    assert [batch.values["position"] for batch in calls(run)] == ["first", "second"]
    assert len({batch.language_model_id for batch in calls(run)}) == 2


def test_plans_nothing_without_a_judge():
    run = written(judges=0)
    assert (statuses(run), calls(run)) == (["accepted"] * 3, [])


def test_records_outside_the_sample_pass_without_a_judge():
    run = written(*(f"Question {number}?" for number in range(16)), judge_share=50)
    waiting = statuses(run).count("pending")
    assert 0 < waiting < 16
    assert (len(calls(run)), run.accepted) == (waiting, 16 - waiting)


def test_asks_for_grounding_where_the_records_have_a_source():
    rubric = factories.rubric(dimension(), dimension("Grounding", needs_source=True))
    plain = calls(written("Who?", rubric=rubric))[0]
    sourced = calls(written("Who?", rubric=rubric, values={"text": "It was Li."}))[0]
    assert [len(batch.values["asked"]) for batch in (plain, sourced)] == [1, 2]


def sent(run: Run, *batches: Batch) -> list[Any]:
    found = WORK.requests(run, batches)
    return [found[batch.pk] for batch in batches]


def test_shows_the_judge_record_prompt_and_source():
    rubric = factories.rubric(dimension(), dimension("Grounding", needs_source=True))
    run = written("Who?", rubric=rubric, values={"text": "It was Li."})
    text = sent(run, *calls(run))[0].messages[1].content
    for part in ("Who?", "about tea", "It was Li.", "d2 · Grounding"):
        assert part in text


def test_the_second_judge_is_blind_to_the_first():
    run = written("Who?", judges=2)
    say(run, verdicts(3))
    [second] = [batch for batch in calls(run) if batch.values["position"] == "second"]
    assert "It is 3." not in str(sent(run, second))
    assert statuses(run) == ["pending"]


def test_asks_by_the_version_that_the_run_started_with():
    run = written("Who?")
    rubric = run.quality.rubric_version.rubric
    rubric.dimensions = [dimension("Style")]
    rubric.save()
    assert "d1 · Correctness" in sent(run, *calls(run))[0].messages[1].content


def test_asks_nothing_about_records_that_wait_no_longer():
    run = written("Who?", "What?")
    first, second = run.records.order_by("pk")
    first.delete()
    Record.objects.filter(pk=second.pk).update(status="rejected")
    assert sent(run, *calls(run)) == [None, None]


def test_a_record_that_is_gone_leaves_the_others_their_places():
    run = written("Who?", "What?", records_per_judge_call=2)
    run.records.order_by("pk").first().delete()
    text = sent(run, *calls(run))[0].messages[1].content
    assert "<<<RECORD 2 " in text
    assert "Who?" not in text
    say(run, verdicts(1, 5))
    assert statuses(run) == ["accepted"]
    assert Judgement.objects.get().score == 100


def test_costs_the_same_queries_for_more_records(django_assert_num_queries):
    run = written(*(f"Question {number}?" for number in range(8)))
    batches = calls(run)
    assert run.template_version
    with django_assert_num_queries(2):
        WORK.requests(run, batches[:1])
    with django_assert_num_queries(2):
        WORK.requests(run, batches)


def test_keeps_what_was_said_and_decides_by_it():
    run = written("Who?", "What?", judge_threshold=70)
    say(run, verdicts(5), verdicts(3))
    good, poor = Judgement.objects.order_by("record_id")
    assert statuses(run) == ["accepted", "rejected"]
    assert (good.score, good.passed, good.position) == (100, True, "first")
    assert (poor.score, poor.passed, poor.threshold) == (50, False, 70)
    assert good.dimension_scores == [
        {"name": "Correctness", "weight": 1, "score": 5, "reason": "It is 5."}
    ]
    assert good.language_model == run.quality.version.judge_model
    assert (run.accepted, run.rejected, run.pending) == (1, 1, 0)
    assert poor.record.judge_score == 50
    assert poor.record.findings[-1] == {
        "check": "judge", "code": "below", "score": 50.0, "threshold": 70.0,
    }  # fmt: skip


def test_waits_for_both_judges_and_takes_the_mean():
    run = written("Who?", judges=2, judge_threshold=60)
    say(run, verdicts(5))
    assert statuses(run) == ["pending"]
    say(run, verdicts(2))
    [record] = run.records.all()
    assert (record.status, record.judge_score) == ("accepted", 62.5)
    assert record.findings == [
        {"check": "judge", "code": "disagreement", "lowest": 25.0, "highest": 100.0}
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Good.", "The judge's answer is not one JSON object."),
        (
            verdicts(9),
            "The judge gave a score that is not a whole number from 1 to 5. Correctness",
        ),
    ],
)
def test_an_answer_that_is_no_verdict_is_a_failed_call(text, problem):
    run = written("Who?")
    reply = Reply(text=text, finish_reason="stop", model="", usage=USAGE)
    with pytest.raises(ReplyMalformedError) as caught:
        WORK.read(run, calls(run)[0], reply)
    assert caught.value.detail == problem


def test_a_judge_that_never_gives_a_verdict_is_shown_as_failed_and_passes_nothing():
    run = written("Who?")
    [batch] = calls(run)
    for _attempt in range(run.max_attempts):
        Batch.objects.filter(pk=batch.pk).update(not_before=None)
        say(run, verdicts(9))
    batch.refresh_from_db()
    [found] = Judgement.objects.all()
    assert (batch.state, statuses(run)) == ("failed", ["pending"])
    assert (found.state, found.passed, found.score) == ("failed", False, None)
    assert (found.error_code, found.error_detail) == ("no_score", "Correctness")


def test_a_judgement_that_failed_can_be_tried_again():
    run = written("Who?")
    Batch.objects.filter(kind="judge").update(state="failed")
    run.batches.failed().replan()
    say(run, verdicts(5))
    assert statuses(run) == ["accepted"]
