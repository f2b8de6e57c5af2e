"""Every order on a record in every state, and long rows of orders that must add up."""

from __future__ import annotations

import random
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from quality import review
from quality.errors import ReviewError
from quality.models import ReviewEvent
from synthesis.models import Record, Run
from tests import factories

pytestmark = pytest.mark.django_db

# What a check said of a record in each state; the content fits its schema in all but one.
FOUND: dict[str, list[dict[str, Any]]] = {
    "accepted": [],
    "pending": [],
    "surplus": [],
    "duplicate": [{"check": "duplicate", "code": "near"}],
    "rejected": [{"check": "score", "code": "below"}],
    "malformed": [{"check": "schema", "code": "schema"}],
}
AFTER = {
    "approved": dict.fromkeys(FOUND, "accepted"),
    "rejected": {
        **dict.fromkeys(("accepted", "pending", "surplus", "rejected"), "rejected"),
        "duplicate": "duplicate",
        "malformed": "malformed",
    },
    # The checks find nothing wrong with the content as it is; its judge has still to speak.
    "reset": {**dict.fromkeys(FOUND, "accepted"), "pending": "pending"},
    "assigned": {status: status for status in FOUND},
}


def order(action: str, **fields: Any) -> review.Order:
    return review.Order(action=action, note="Because." if action == "rejected" else "", **fields)


def record_in(status: str) -> Record:
    run = factories.run(factories.task(target_count=9))
    [record] = factories.records(1, of_run=run)
    Record.objects.filter(pk=record.pk).update(status=status, findings=FOUND[status])
    Run.objects.filter(pk=run.pk).update(**{"accepted": 0, status: 1})
    return Record.objects.get(pk=record.pk)


def counters(run: Run) -> dict[str, int]:
    run.refresh_from_db()
    return {name: getattr(run, name) for name in Run.COUNTERS if getattr(run, name)}


def counted(run: Run) -> dict[str, int]:
    return dict(Counter(Record.objects.filter(run=run).values_list("status", flat=True)))


@pytest.mark.parametrize("status", list(FOUND))
@pytest.mark.parametrize("action", list(AFTER))
def test_an_order_leads_to_one_state_and_one_line_of_history(action, status):
    record = record_in(status)
    decided = review.decide(record.pk, order(action))
    event = ReviewEvent.objects.get()
    assert decided.status == AFTER[action][status]
    assert counters(record.run) == counted(record.run) == {AFTER[action][status]: 1}
    assert (event.action, event.status_before, event.status_after) == (
        action,
        status,
        AFTER[action][status],
    )


@pytest.mark.parametrize("status", list(FOUND))
def test_an_approval_keeps_what_was_found(status):
    record = record_in(status)
    assert review.decide(record.pk, order("approved")).findings == FOUND[status]


@pytest.mark.parametrize("status", list(FOUND))
def test_a_rejection_that_is_taken_back_leaves_no_trace_on_the_record(status):
    record = record_in(status)
    review.decide(record.pk, order("rejected"))
    reset = review.decide(record.pk, order("reset"))
    assert (reset.review, reset.review_note, reset.reviewer, reset.reviewed_at) == (
        "unreviewed",
        "",
        None,
        None,
    )
    assert not any(found["check"] == "review" for found in reset.findings)


@pytest.mark.parametrize("first", ["approved", "rejected"])
@pytest.mark.parametrize("second", ["approved", "rejected"])
def test_the_latest_decision_counts(first, second):
    record = record_in("accepted")
    review.decide(record.pk, order(first))
    decided = review.decide(record.pk, order(second))
    assert (decided.review, decided.status) == (second, AFTER[second]["accepted"])
    words = [found for found in decided.findings if found["check"] == "review"]
    assert len(words) == (second == "rejected")


@pytest.mark.parametrize("action", ["approved", "rejected", "reset", "assigned"])
def test_nobody_can_decide_on_a_record_that_is_gone(action):
    with pytest.raises(Record.DoesNotExist):
        review.decide(0, order(action))
    assert not ReviewEvent.objects.exists()


@pytest.mark.parametrize(
    "change", [lambda: review.edit(0, {}, None), lambda: review.undo_edit(0, None)]
)
def test_nobody_can_change_a_record_that_is_gone(change):
    with pytest.raises(Record.DoesNotExist):
        change()


def test_a_record_that_is_gone_is_not_found_on_the_page_either(admin_client):
    url = reverse("admin:synthesis_record_decide", args=[0])
    assert admin_client.post(url, {"action": "approved"}).status_code == 404


@pytest.mark.parametrize(
    "content", [None, {"question": "Why?"}, {"question": "Why?", "answer": "So.", "more": 1}]
)
def test_an_edit_is_checked_like_a_new_record(content):
    record = record_in("accepted")
    fits = content is not None and "answer" in content
    edited = review.edit(record.pk, content, None)
    assert edited.status == ("accepted" if fits else "malformed")
    assert counters(record.run) == counted(record.run)


def test_a_history_reads_backwards_from_the_record():
    record, user = record_in("accepted"), User.objects.create_user("Ann")
    for action in ("rejected", "approved", "assigned", "reset"):
        review.decide(record.pk, order(action, user=user))
    events = list(ReviewEvent.objects.order_by("pk"))
    assert [event.action for event in events] == ["rejected", "approved", "assigned", "reset"]
    pairs = [(event.status_before, event.status_after) for event in events]
    assert all(one[1] == other[0] for one, other in pairwise(pairs))
    assert {event.user for event in events} == {user}
    assert ReviewEvent.latest_of(record).action == "reset"


def test_an_order_on_none_does_nothing():
    progress = review.decide_all(Record.objects.none(), order("approved"), until=10**6)
    assert (progress.changed, progress.refused, progress.after) == (0, {}, None)
    assert review.latest_id(Record.objects.none()) == 0


@pytest.mark.parametrize("seed", range(6))
def test_any_row_of_orders_leaves_counts_and_reviews_that_agree(seed):
    draw = random.Random(seed)  # noqa: S311  the same orders each time
    run = factories.run(factories.task(target_count=4))
    rows = factories.records(5, of_run=run)
    twin = [Record(dataset=run.dataset, run=run, content=rows[0].content)]
    rows += Record.objects.write(twin, dataset=run.dataset, run=run)
    orders = 0
    for _step in range(14):
        row, action = draw.choice(rows), draw.choice(["approved", "rejected", "reset", "edit"])
        if action == "edit":
            content = draw.choice([rows[1].content, {"question": "?"}, rows[2].content])
            review.edit(row.pk, content, None)
            continue
        try:
            review.decide(row.pk, order(action))
            orders += 1
        except ReviewError as error:
            assert (action, error.code) == ("approved", "same_as_accepted")
    assert counters(run) == counted(run)
    assert counted(run).get("accepted", 0) <= 4
    accepted = Record.objects.filter(run=run, status="accepted")
    hashes = list(accepted.values_list("content_hash", flat=True))
    assert len(hashes) == len(set(hashes))
    assert ReviewEvent.objects.exclude(action="edited").count() == orders
    for row in Record.objects.filter(run=run):
        is_word = any(found["check"] == "review" for found in row.findings)
        assert is_word == (row.review == "rejected")
