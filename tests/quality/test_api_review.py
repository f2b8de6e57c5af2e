from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from quality import review
from synthesis.models import Record, Run
from tests import api, factories

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

RECORDS = "/api/v1/records/"
BULK = f"{RECORDS}review/"


@pytest.fixture
def reviewer():
    return api.client("view", "review")


@pytest.fixture
def run():
    return factories.run(factories.task(target_count=3))


def address(record, command="review"):
    return f"{RECORDS}{record.pk}/{command}/"


def code(response):
    return response.status_code, response.json()["code"]


class TestOneRecord:
    def test_is_approved(self, reviewer, run):
        [record] = factories.records(1, of_run=run)
        body = reviewer.post(address(record), {"action": "approve"}).json()
        who = reviewer.handler._force_user
        assert (body["review"], body["status"], body["reviewer"]) == (
            "approved",
            "accepted",
            str(who),
        )
        assert body["review_label"] == "approved"

    def test_is_rejected_with_a_reason(self, reviewer, run):
        [record] = factories.records(1, of_run=run)
        body = reviewer.post(address(record), {"action": "reject", "note": " Wrong. "}).json()
        assert (body["status"], body["review_note"]) == ("rejected", "Wrong.")
        run.refresh_from_db()
        assert (run.accepted, run.rejected) == (0, 1)

    @pytest.mark.parametrize("note", [{}, {"note": ""}, {"note": "  "}])
    def test_is_not_rejected_without_one(self, reviewer, run, note):
        [record] = factories.records(1, of_run=run)
        response = reviewer.post(address(record), {"action": "reject", **note})
        assert code(response) == (400, "invalid")
        sentence = "Say why: whoever mends the template needs to know."
        assert response.json()["fields"] == {"note": [sentence]}

    def test_is_reset(self, reviewer, run):
        [record] = factories.records(1, of_run=run)
        reviewer.post(address(record), {"action": "reject", "note": "Wrong."})
        body = reviewer.post(address(record), {"action": "reset"}).json()
        assert (body["status"], body["review"], body["findings"]) == ("accepted", "unreviewed", [])

    def test_is_assigned_to_who_may_review(self, reviewer, run):
        [record], user = factories.records(1, of_run=run), api.user("review")
        order = {"action": "assign", "assigned_to": user.username}
        assert reviewer.post(address(record), order).json()["assigned_to"] == user.username
        order["assigned_to"] = None
        assert reviewer.post(address(record), order).json()["assigned_to"] is None

    def test_is_not_assigned_to_anybody_else(self, reviewer, run):
        [record], author = factories.records(1, of_run=run), User.objects.create_user("author")
        response = reviewer.post(
            address(record), {"action": "assign", "assigned_to": author.username}
        )
        assert (code(response), list(response.json()["fields"])) == (
            (400, "invalid"),
            ["assigned_to"],
        )

    @pytest.mark.parametrize("sends_version", [False, True])
    def test_that_somebody_decided_on_before_is_a_conflict(self, reviewer, run, sends_version):
        [record] = factories.records(1, of_run=run)
        version = {"version": record.version} if sends_version else {}
        ann = User.objects.create_user("Ann")
        review.decide(record.pk, review.Order(action="approved", user=ann))
        response = reviewer.post(address(record), {"action": "reject", "note": "No.", **version})
        assert code(response) == (409, "already_reviewed")
        assert response.json()["detail"].startswith("Ann approved this record at ")

    def test_is_decided_anew_by_who_has_seen_the_decision(self, reviewer, run):
        [record] = factories.records(1, of_run=run)
        seen = reviewer.post(address(record), {"action": "approve"}).json()["version"]
        order = {"action": "reject", "note": "On second thought.", "version": seen}
        assert reviewer.post(address(record), order).json()["review"] == "rejected"

    @pytest.mark.parametrize("kind", ["no_content", "same_as_accepted"])
    def test_that_cannot_be_approved_is_a_conflict(self, reviewer, run, kind):
        [first] = factories.records(1, of_run=run)
        content = first.content if kind == "same_as_accepted" else None
        [record] = Record.objects.write(
            [Record(dataset=run.dataset, content=content)], dataset=run.dataset
        )
        assert code(reviewer.post(address(record), {"action": "approve"})) == (409, kind)

    def test_has_a_history_and_undoes_an_edit(self, run):
        [record], editor = factories.records(1, of_run=run), api.editor()
        content = {"question": "New?", "answer": "Yes."}
        editor.patch(f"{RECORDS}{record.pk}/", {"content": content})
        assert editor.post(address(record, "undo")).json()["content"] == record.content
        events = editor.get(address(record, "history")).json()
        assert [event["action"] for event in events] == ["edited", "edited"]
        assert events[1]["content_before"] == record.content
        assert events[0]["user"] == str(editor.handler._force_user)

    def test_that_was_not_edited_has_nothing_to_undo(self, run):
        [record] = factories.records(1, of_run=run)
        assert code(api.editor().post(address(record, "undo"))) == (409, "nothing_to_undo")


class TestManyRecords:
    def test_are_decided_by_filter(self, reviewer, run):
        factories.records(3, of_run=run)
        [other] = factories.records(1)
        order = {"action": "reject", "note": "All wrong."}
        body = reviewer.post(f"{BULK}?run={run.pk}&status=accepted", order).json()
        assert (body["changed"], body["refused"], body["after"]) == (3, {}, None)
        assert Record.objects.get(pk=other.pk).review == "unreviewed"
        assert Run.objects.get(pk=run.pk).rejected == 3

    def test_go_on_from_the_answer_before(self, reviewer, run, monkeypatch):
        monkeypatch.setattr(review, "CHUNK_RECORDS", 2)
        monkeypatch.setattr(review.decide_all, "__kwdefaults__", {"after": 0, "seconds": 0})
        factories.records(3, of_run=run)
        order = {"action": "approve"}
        first = reviewer.post(f"{BULK}?run={run.pk}", order).json()
        rest = reviewer.post(
            f"{BULK}?run={run.pk}", {**order, "after": first["after"], "until": first["until"]}
        ).json()
        assert (first["changed"], rest["changed"], rest["after"]) == (2, 1, None)

    def test_say_which_were_refused(self, reviewer, run):
        Record.objects.write([Record(dataset=run.dataset)], dataset=run.dataset)
        body = reviewer.post(f"{BULK}?dataset={run.dataset_id}", {"action": "approve"}).json()
        assert (body["changed"], body["refused"]) == (0, {"no_content": 1})

    @pytest.mark.parametrize("query", ["", "?stauts=accepted", "?run=1&page=2"])
    def test_are_not_all_records_by_a_slip(self, reviewer, run, query):
        factories.records(1, of_run=run)
        response = reviewer.post(BULK + query, {"action": "approve"})
        assert code(response) == (400, "invalid")
        assert response.json()["detail"].startswith("Choose the records in the address, by one of")
        assert Record.objects.get().review == "unreviewed"


class TestListing:
    def test_filters_by_review_and_people(self, reviewer, run):
        first, second = factories.records(2, of_run=run)
        who = reviewer.handler._force_user
        reviewer.post(address(first), {"action": "approve"})
        reviewer.post(address(second), {"action": "assign", "assigned_to": who.username})
        for query, expected in (
            ({"review": "approved"}, first),
            ({"reviewer": who.username}, first),
            ({"assigned_to": who.username}, second),
        ):
            results = reviewer.get(RECORDS, query).json()["results"]
            assert [row["id"] for row in results] == [expected.pk]


class TestPermissions:
    @pytest.mark.parametrize("verbs", [("view", "change"), ("review",)])
    def test_to_see_and_to_review_are_both_needed(self, run, verbs):
        [record] = factories.records(1, of_run=run)
        client = api.client(*verbs)
        assert client.post(address(record), {"action": "approve"}).status_code == 403
        assert client.post(f"{BULK}?run={run.pk}", {"action": "approve"}).status_code == 403

    def test_a_reviewer_does_not_edit(self, reviewer, run):
        [record] = factories.records(1, of_run=run)
        assert reviewer.post(address(record, "undo")).status_code == 403
        assert reviewer.patch(f"{RECORDS}{record.pk}/", {"content": {}}).status_code == 403


@pytest.mark.parametrize(("query", "lines"), [("", 2), ("&review=approved", 1)])
def test_exports_what_people_approved(reviewer, run, query, lines):
    first, _second = factories.records(2, of_run=run)
    reviewer.post(address(first), {"action": "approve"})
    export = f"/api/v1/datasets/{run.dataset_id}/export/?file_format=jsonl{query}"
    body = b"".join(reviewer.get(export).streaming_content)
    assert len(body.splitlines()) == lines
