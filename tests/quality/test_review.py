from __future__ import annotations

import threading
from collections import Counter

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection

from quality import review
from quality.errors import AlreadyReviewedError, ReviewError
from quality.models import ReviewEvent
from synthesis.models import Record, Run
from tests import factories

pytestmark = pytest.mark.django_db

CONTENT = {"question": "Why tea?", "answer": "So."}


def reviewer(name="reviewer"):
    user = User.objects.create_user(name)
    user.user_permissions.add(Permission.objects.get(codename="review_record"))
    return user


def order(action, **fields):
    return review.Order(action=action, **fields)


def approve(record, **fields):
    return review.decide(record.pk, order("approved", **fields))


def reject(record, note="Wrong.", **fields):
    return review.decide(record.pk, order("rejected", note=note, **fields))


def written(run, *contents, **fields):
    rows = [Record(dataset=run.dataset, run=run, content=row, **fields) for row in contents]
    return Record.objects.write(rows, dataset=run.dataset, run=run)


def counters(run):
    run = Run.objects.get(pk=run.pk)
    return {name: getattr(run, name) for name in Run.COUNTERS if getattr(run, name)}


def counted(run):
    return dict(Counter(Record.objects.filter(run=run).values_list("status", flat=True)))


def waiting(run):
    """Write a record that waits for its judge."""
    rows = factories.records(1, of_run=run)
    Record.objects.update(status="pending")
    Run.objects.update(accepted=0, pending=1)
    return rows


@pytest.fixture
def run():
    return factories.run(factories.task(target_count=3))


class TestApproving:
    def test_leaves_an_accepted_record_accepted_and_says_who(self, run):
        [record], user = factories.records(1, of_run=run), reviewer()
        approve(record, user=user)
        record.refresh_from_db()
        assert (record.status, record.review, record.reviewer) == ("accepted", "approved", user)
        assert record.reviewed_at is not None

    def test_overrides_the_checks_and_keeps_what_they_found(self, run):
        [record] = written(run, {"question": "No answer"})
        approve(record)
        record.refresh_from_db()
        assert (record.status, record.findings[0]["check"]) == ("accepted", "schema")
        assert counters(run) == counted(run) == {"accepted": 1}

    def test_makes_an_equal_record_without_a_schema_its_duplicate(self, run):
        [record] = written(run, {"question": "No answer"})
        approve(record)
        [twin] = Record.objects.write(
            [Record(dataset=run.dataset, content={"question": "no answer"})], dataset=run.dataset
        )
        assert (twin.status, twin.duplicate_of_id) == ("duplicate", record.pk)

    def test_refuses_a_record_without_content(self, run):
        [record] = written(run, None, raw="Sorry", status="malformed")
        with pytest.raises(ReviewError) as caught:
            approve(record)
        assert caught.value.code == "no_content"
        assert str(caught.value) == (
            "The reply held no record that could be read, so there is nothing to approve."
            " Edit the record first, or reject it."
        )

    def test_refuses_the_twin_of_an_accepted_record(self, run):
        first, twin = written(run, CONTENT, CONTENT)
        with pytest.raises(ReviewError) as caught:
            approve(twin)
        assert str(caught.value).startswith(
            f"Record {first.pk} of this dataset is accepted, or waits"
        )
        assert counters(run) == counted(run) == {"accepted": 1, "duplicate": 1}

    def test_takes_a_duplicate_whose_twin_was_rejected(self, run):
        first, twin = written(run, CONTENT, CONTENT)
        reject(first)
        approve(twin)
        assert Record.objects.get(pk=twin.pk).status == "accepted"
        assert counters(run) == counted(run) == {"accepted": 1, "rejected": 1}

    def test_does_not_wait_for_the_judge(self, run):
        [record] = waiting(run)
        assert approve(record).status == "accepted"
        assert counters(run) == counted(run) == {"accepted": 1}

    @pytest.mark.parametrize(
        ("question", "code"),
        [("Why drink green tea?", "exact"), ("Why drink the green tea?", "near")],
    )
    def test_lets_later_repeats_be_found_by_the_fields_that_count(self, question, code):
        template = factories.template(compared_fields=["question"])
        run = factories.run(factories.task(template=template))
        refused = {"question": "Why drink green tea?", "answer": ""}
        [record] = written(run, refused)
        approve(record)
        [later] = written(run, {"question": question, "answer": "It keeps one awake at night."})
        assert (record.status, later.status) == ("malformed", "duplicate")
        assert (later.duplicate_of_id, later.findings[0]["code"]) == (record.pk, code)

    def test_makes_surplus_of_what_the_target_has_no_room_for(self, run):
        factories.records(3, of_run=run)
        [record] = written(run, {"question": "No answer"})
        assert approve(record).status == "surplus"
        assert counters(run) == counted(run) == {"accepted": 3, "surplus": 1}


class TestRejecting:
    def test_makes_an_accepted_record_rejected_with_the_reason(self, run):
        [record] = factories.records(1, of_run=run)
        reject(record, "Not true.")
        record.refresh_from_db()
        finding = {"check": "review", "code": "rejected", "detail": "Not true."}
        assert (record.status, record.findings) == ("rejected", [finding])
        assert counters(run) == counted(run) == {"rejected": 1}

    def test_does_not_wait_for_the_judge(self, run):
        [record] = waiting(run)
        assert reject(record).status == "rejected"
        assert counters(run) == counted(run) == {"rejected": 1}

    def test_leaves_a_duplicate_what_it_is(self, run):
        _first, twin = written(run, CONTENT, CONTENT)
        assert reject(twin).status == "duplicate"
        assert counters(run) == counted(run)

    def test_replaces_the_reason_when_it_is_said_again(self, run):
        [record] = factories.records(1, of_run=run)
        reject(record, "One.")
        assert [row["detail"] for row in reject(record, "Two.").findings] == ["Two."]

    def test_lets_a_completed_run_be_topped_up(self, run):
        record = factories.records(3, of_run=run)[0]
        Run.objects.update(status="completed")
        reject(record)
        run.refresh_from_db()
        assert (run.accepted, run.lacks_records) == (2, True)
        run.top_up()
        assert run.status == "pending"


class TestResetting:
    def test_asks_the_checks_again(self, run):
        [record] = written(run, {"question": "No answer"})
        approve(record)
        review.decide(record.pk, order("reset"))
        record.refresh_from_db()
        assert (record.status, record.review, record.reviewer) == ("malformed", "unreviewed", None)
        assert counters(run) == counted(run) == {"malformed": 1}

    def test_takes_the_finding_of_a_rejection_away(self, run):
        [record] = factories.records(1, of_run=run)
        reject(record)
        review.decide(record.pk, order("reset"))
        record.refresh_from_db()
        assert (record.status, record.findings, record.review_note) == ("accepted", [], "")

    @pytest.mark.parametrize(("code", "status"), [("below", "rejected"), ("split", "accepted")])
    def test_lets_the_verdict_of_a_judge_stand(self, run, code, status):
        [record] = factories.records(1, of_run=run)
        verdict = {"check": "judge", "code": code}
        Record.objects.update(status="rejected", findings=[verdict])
        Run.objects.update(accepted=0, rejected=1)
        approve(record)
        review.decide(record.pk, order("reset"))
        record.refresh_from_db()
        assert (record.status, record.findings) == (status, [verdict])
        assert counters(run) == counted(run) == {status: 1}

    def test_says_last_what_the_checks_refuse_it_for(self, run):
        [record] = written(run, {"question": "No answer"})
        verdict = {"check": "judge", "code": "below"}
        Record.objects.update(findings=[verdict])
        approve(record)
        review.decide(record.pk, order("reset"))
        record.refresh_from_db()
        assert [row["check"] for row in record.findings] == ["judge", "schema"]

    def test_keeps_equal_records_of_two_runs_apart(self):
        task = factories.task()
        runs = [factories.run(task, status="completed") for _run in range(2)]
        first, second = (written(row, CONTENT)[0] for row in runs)
        reject(first)
        reject(second)
        everything = Record.objects.all()
        review.decide_all(everything, order("reset"), until=review.latest_id(everything))
        statuses = Record.objects.order_by("pk").values_list("status", flat=True)
        assert sorted(statuses) == ["accepted", "duplicate"]
        assert [counters(row) for row in runs] == [counted(row) for row in runs]


class TestEditing:
    def test_of_an_approved_record_keeps_the_approval_of_who_may_review(self, run):
        [record], user = factories.records(1, of_run=run), reviewer()
        approve(record, user=user)
        review.edit(record.pk, {"question": "No answer"}, user)
        record.refresh_from_db()
        assert (record.status, record.review) == ("accepted", "approved")
        assert record.findings[0]["check"] == "schema"
        assert counters(run) == counted(run) == {"accepted": 1}

    def test_of_an_approved_record_by_anybody_else_asks_for_review_again(self, run):
        [record] = factories.records(1, of_run=run)
        approve(record, user=reviewer())
        review.edit(record.pk, CONTENT, User.objects.create_user("author"))
        record.refresh_from_db()
        assert (record.review, record.reviewer) == ("unreviewed", None)

    def test_of_a_rejected_record_asks_for_review_again(self, run):
        [record], user = factories.records(1, of_run=run), reviewer()
        reject(record, user=user)
        review.edit(record.pk, CONTENT, user)
        record.refresh_from_db()
        assert (record.status, record.review, record.findings) == ("accepted", "unreviewed", [])

    def test_of_an_approved_record_into_an_accepted_twin_makes_a_duplicate(self, run):
        [twin], [record], user = written(run, CONTENT), factories.records(1, of_run=run), reviewer()
        approve(record, user=user)
        review.edit(record.pk, CONTENT, user)
        record.refresh_from_db()
        assert (record.status, record.review) == ("duplicate", "unreviewed")
        assert record.duplicate_of == twin

    def test_does_not_forget_what_was_decided_since_the_record_was_read(self, run):
        [record] = factories.records(1, of_run=run)
        stale = Record.objects.get(pk=record.pk)
        reject(record)
        stale.save()
        stale.refresh_from_db()
        assert (stale.status, stale.review) == ("rejected", "rejected")
        assert [row["code"] for row in stale.findings] == ["rejected"]

    def test_is_kept_with_before_and_after(self, run):
        [record], user = factories.records(1, of_run=run), reviewer()
        before = record.content
        review.edit(record.pk, CONTENT, user)
        event = ReviewEvent.objects.get()
        assert (event.content_before, event.content_after) == (before, CONTENT)
        assert (event.action, event.user) == ("edited", user)

    def test_that_changes_nothing_is_not_in_the_history(self, run):
        [record] = factories.records(1, of_run=run)
        review.edit(record.pk, record.content, reviewer())
        assert not ReviewEvent.objects.exists()

    def test_is_undone_and_done_again(self, run):
        [record], user = factories.records(1, of_run=run), reviewer()
        before = record.content
        review.edit(record.pk, CONTENT, user)
        assert review.undo_edit(record.pk, user).content == before
        assert review.undo_edit(record.pk, user).content == CONTENT
        assert ReviewEvent.objects.count() == 3

    @pytest.mark.parametrize("was_edited", [False, True])
    def test_is_not_undone_when_there_is_nothing_to_undo(self, run, was_edited):
        [record], user = factories.records(1, of_run=run), reviewer()
        if was_edited:
            review.edit(record.pk, CONTENT, user)
            Record.objects.filter(pk=record.pk).update(content={"question": "Other"})
        with pytest.raises(ReviewError) as caught:
            review.undo_edit(record.pk, user)
        assert str(caught.value) == ("There is no edit to undo, or the record was changed since.")


class TestSeen:
    def test_tells_the_second_reviewer_who_decided_before(self, run):
        [record] = factories.records(1, of_run=run)
        seen = record.version
        review.decide(record.pk, order("approved", user=reviewer("Ann")), seen=seen)
        with pytest.raises(AlreadyReviewedError) as caught:
            review.decide(record.pk, order("rejected", note="No.", user=None), seen=seen)
        assert str(caught.value).startswith("Ann approved this record at ")
        assert Record.objects.get().review == "approved"

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            (lambda record: reject(record), "Somebody rejected this record at "),
            (lambda record: review.edit(record.pk, CONTENT, None), "Somebody edited this record"),
            (lambda record: record.save(), "The record was changed in the meantime."),
        ],
    )
    def test_says_what_else_came_first(self, run, change, words):
        [record] = factories.records(1, of_run=run)
        seen = record.version
        change(record)
        with pytest.raises(AlreadyReviewedError) as caught:
            review.edit(record.pk, {"question": "Mine"}, None, seen=seen)
        assert str(caught.value).startswith(words)

    def test_takes_no_notice_of_an_assignment(self, run):
        [record], user = factories.records(1, of_run=run), reviewer()
        seen = record.version
        review.decide(record.pk, order("assigned", assignee=user))
        review.decide(record.pk, order("approved"), seen=seen)
        record.refresh_from_db()
        assert (record.review, record.assigned_to) == ("approved", user)


class TestManyRecords:
    def decide(self, action, records=None, *, names_review=False, **fields):
        chosen = Record.objects.all() if records is None else records
        rows = review.affected(chosen, action, names_review=names_review)
        return review.decide_all(rows, order(action, **fields), until=review.latest_id(chosen))

    def test_are_rejected_with_counters_that_equal_queries(self, run):
        factories.records(3, of_run=run)
        written(run, {"question": "No answer"})
        progress = self.decide("rejected", note="All wrong.")
        assert (progress.changed, progress.after) == (4, None)
        assert counters(run) == counted(run) == {"rejected": 3, "malformed": 1}
        assert ReviewEvent.objects.filter(action="rejected", note="All wrong.").count() == 4

    def test_are_approved_but_for_those_that_cannot_be(self, run):
        written(run, CONTENT, CONTENT, {"question": "No answer"}, {"question": "No answer"})
        written(run, None, raw="Sorry", status="malformed")
        progress = self.decide("approved")
        assert progress.changed == 2
        assert progress.refused == {"same_as_accepted": 2, "no_content": 1}
        assert counters(run) == counted(run)
        assert ReviewEvent.objects.count() == 2

    def test_never_pass_the_target(self):
        run = factories.run(factories.task(target_count=2))
        written(run, *({"question": f"Q{number}"} for number in range(5)))
        self.decide("approved")
        assert counters(run) == counted(run) == {"accepted": 2, "surplus": 3}

    def test_keep_what_was_decided_one_by_one(self, run):
        first, *_rest = factories.records(3, of_run=run)
        approve(first)
        assert self.decide("rejected", note="No.").changed == 2
        assert Record.objects.get(pk=first.pk).status == "accepted"

    def test_are_decided_anew_when_the_filter_names_their_review(self, run):
        first, *_rest = factories.records(3, of_run=run)
        approve(first)
        approved = Record.objects.filter(review="approved")
        assert self.decide("rejected", approved, names_review=True, note="No.").changed == 1
        assert counters(run) == counted(run) == {"accepted": 2, "rejected": 1}

    def test_are_assigned(self, run):
        factories.records(3, of_run=run)
        user = reviewer()
        self.decide("assigned", assignee=user)
        assert review.waiting_for(user).count() == 3
        assert not review.waiting_for(reviewer("other")).exists()

    def test_stop_after_their_seconds_and_go_on_where_they_stopped(self, run, monkeypatch):
        monkeypatch.setattr(review, "CHUNK_RECORDS", 2)
        factories.records(3, of_run=run)
        rows = Record.objects.all()
        until = review.latest_id(rows)
        first = review.decide_all(rows, order("approved"), until=until, seconds=0)
        assert first.changed == 2
        rest = review.decide_all(rows, order("approved"), until=until, after=first.after)
        assert (rest.changed, rest.after) == (1, None)

    def test_that_came_in_since_are_left_alone(self, run):
        old = factories.records(1, of_run=run)[0]
        factories.records(1, of_run=run)
        progress = review.decide_all(Record.objects.all(), order("approved"), until=old.pk)
        assert progress.changed == 1

    def test_cost_the_same_few_queries_however_many_they_are(
        self, run, django_assert_max_num_queries
    ):
        factories.records(60, into=run.dataset)
        with django_assert_max_num_queries(14):
            assert self.decide("rejected", note="No.").changed == 60


@pytest.mark.django_db(transaction=True)
def test_lets_one_of_two_reviewers_decide_at_once(run):
    [record] = factories.records(1, of_run=run)
    users = [reviewer("Ann"), reviewer("Bob")]
    barrier, outcomes = threading.Barrier(2), []

    def decide(user, action):
        try:
            barrier.wait(10)
            review.decide(record.pk, order(action, user=user, note="No."), seen=record.version)
            outcomes.append(("decided", str(user)))
        except AlreadyReviewedError as error:
            outcomes.append(("told", str(error).split()[0]))
        finally:
            connection.close()

    threads = [
        threading.Thread(target=decide, args=pair)
        for pair in zip(users, ("approved", "rejected"), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    told = dict(outcomes)
    assert told["told"] == told["decided"]
    assert ReviewEvent.objects.count() == 1
    assert counters(run) == counted(run)


def test_offers_as_reviewers_those_who_may_review():
    user, admin = reviewer(), User.objects.create_superuser("admin")
    User.objects.create_user("author")
    assert list(review.reviewers()) == [admin, user]
