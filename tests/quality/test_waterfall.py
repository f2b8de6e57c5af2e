from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import translation

from quality import waterfall
from synthesis.models import Record
from tests import factories

pytestmark = pytest.mark.django_db


def write(run, *contents):
    rows = [Record(dataset=run.dataset, run=run, content=content) for content in contents]
    Record.objects.write(rows, dataset=run.dataset, run=run)
    run.refresh_from_db()


@pytest.fixture
def run():
    """A run of two that made six: one malformed, two duplicates, one surplus."""
    run = factories.run(factories.task(target_count=2))
    tea = {"question": "What is tea?", "answer": "A drink made from leaves."}
    coffee = {"question": "How is coffee roasted?", "answer": "In a hot drum, for minutes."}
    bread = {"question": "Why does bread rise?", "answer": "Yeast makes gas in the dough."}
    write(run, tea, tea, coffee, coffee, {"question": "Only this?"}, bread)
    return run


def test_each_step_leaves_what_the_run_counts(run):
    steps = waterfall.steps(run)
    assert [(str(step.title), step.left, step.lost) for step in steps] == [
        ("made", 6, 0),
        ("well formed", 5, 1),
        ("unique", 3, 2),
        ("passed every check", 3, 0),
        ("judged", 3, 0),
        ("within the target", 2, 1),
    ]
    assert steps[-1].left == run.accepted
    assert steps[1].percent == pytest.approx(100 * 5 / 6)


def test_says_why_records_were_lost(run):
    _made, formed, unique, *_others = waterfall.steps(run)
    assert unique.reasons == [("The dataset holds a record with the same content already.", 2)]
    assert formed.reasons == [("The record does not fit the template's output schema.", 1)]


@pytest.mark.parametrize(
    ("check", "code", "sentence"),
    [
        ("judge", "below", "The judge's score is below the pass mark."),
        ("judge", "disagreement", "Two judges disagree."),
        ("score", "below", "The rule score is below the minimum."),
        ("content", "phone", "The record has a phone number: …."),
        ("review", "rejected", "A reviewer rejected it."),
        ("of", "later", "Found by a check: of:later."),
    ],
)
def test_says_of_many_records_what_one_has_numbers_for(run, check, code, sentence):
    found = [{"check": "content", "code": "email"}, {"check": check, "code": code, "score": 1}]
    Record.objects.filter(run=run).update(status="rejected", findings=found)
    rejected = waterfall.steps(run)[3]
    assert rejected.reasons == [(sentence, 6)]


def test_a_reviewer_who_agrees_is_no_reason(run):
    malformed = Record.objects.get(run=run, status="malformed")
    found = [*malformed.findings, {"check": "review", "code": "rejected"}]
    Record.objects.filter(pk=malformed.pk).update(findings=found)
    _made, formed, *_others = waterfall.steps(run)
    assert formed.reasons == [("The record does not fit the template's output schema.", 1)]


def test_costs_two_queries(run, django_assert_num_queries):
    with django_assert_num_queries(2):
        waterfall.steps(run)


def test_stands_on_the_page_of_the_task(run, admin_client):
    url = reverse("admin:synthesis_synthesistask_change", args=[run.task_id])
    assert "What became of the records" in admin_client.get(url).content.decode()
    with translation.override("zh-hans"):
        admin_client.cookies["django_language"] = "zh-hans"
        assert "数据去向" in admin_client.get(url).content.decode()


def test_a_task_that_made_nothing_shows_none(admin_client):
    url = reverse("admin:synthesis_synthesistask_change", args=[factories.run().task_id])
    assert "What became of the records" not in admin_client.get(url).content.decode()


def test_says_what_the_repair_round_brought(run):
    malformed = Record.objects.get(run=run, status="malformed")
    fields = {"run": run, "kind": "repair", "requested": 1, "seed": 1, "subject": [malformed.pk]}
    fields["language_model"] = run.task.task_models.get().language_model
    states = {"accepted": 1}, {"malformed": 1}, {}, {}
    for index, state in enumerate(("done", "done", "failed", "planned")):
        run.batches.create(**fields, index=index, state=state, **states[index])
    assert waterfall.steps(run)[1].note == (
        "Sent back to their models: 4. Mended: 1, not mended: 1, no answer: 1."
    )


def test_says_why_records_wait_for_their_judge(run):
    first, second, third = run.records.order_by("pk")[:3]
    run.records.filter(pk__in=[first.pk, second.pk, third.pk]).update(
        status="pending", content_hash=""
    )
    run.pending = 3
    fields = {"run": run, "kind": "judge", "requested": 2, "seed": 1, "state": "failed"}
    fields["language_model"] = run.task.task_models.get().language_model
    run.batches.create(**fields, index=1, subject=[first.pk, second.pk], error_code="timeout")
    words = "The judge's answer is not one JSON object."
    error = {"error_code": "reply_malformed", "error_detail": words}
    run.batches.create(**fields, index=2, subject=[second.pk], **error)
    judged = waterfall.steps(run)[4]
    assert judged.reasons[0] == (words, 1)
    assert judged.reasons[2] == ("The judge has not answered yet.", 1)
    assert judged.note == "Mend the cause, then retry the failed batches: the judge is asked anew."
