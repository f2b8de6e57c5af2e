from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from quality import review
from quality.models import ReviewEvent
from synthesis.models import Record, Run
from tests import factories
from tests.synthesis.test_admin_tasks_list import viewer
from tests.synthesis.test_admin_tasks_page import HOSTILE

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

QUEUE = reverse("admin:synthesis_record_review")
BULK = reverse("admin:synthesis_record_review_bulk")
LIST = reverse("admin:synthesis_record_changelist")
MAY_REVIEW = ("view_record", "review_record", "change_record")


@pytest.fixture
def run() -> Run:
    return factories.run(factories.task(target_count=5))


def url(name: str, record: Record) -> str:
    return reverse(f"admin:synthesis_record_{name}", args=[record.pk])


def texts(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def decide(client: Client, record: Record, action: str, **fields: Any) -> Any:
    given = {"action": action, "version": record.version, "next": "?after=0", **fields}
    return client.post(url("decide", record), given, follow=True)


def hidden(response: Any) -> dict[str, str]:
    """Return what the page's form would post."""
    page = response.content.decode()
    names = ("until", "after", "total", "changed", "no_content", "same_as_accepted")
    return {name: re.search(rf'name="{name}" value="(\d+)"', page)[1] for name in names}


class TestQueue:
    def test_shows_the_next_record_with_all_that_a_decision_needs(
        self, admin_client: Client, run: Run
    ) -> None:
        record, *_rest = factories.records(3, of_run=run)
        response = admin_client.get(QUEUE, {"dataset__id__exact": run.dataset_id})
        page = response.content.decode()
        assert response.context["record"] == record
        assert record.content["question"] in page
        assert "0 of 3 reviewed" in page
        assert run.dataset.name in page

    def test_goes_on_with_the_next_and_begins_again_at_the_end(
        self, admin_client: Client, run: Run
    ) -> None:
        first, second = factories.records(2, of_run=run)
        for after, expected in ((first.pk, second), (second.pk, first)):
            assert admin_client.get(QUEUE, {"after": after}).context["record"] == expected

    def test_brings_the_next_one_at_once_after_a_decision(
        self, admin_client: Client, run: Run
    ) -> None:
        first, second = factories.records(2, of_run=run)
        response = decide(admin_client, first, "approved", next=f"?after={first.pk}")
        assert texts(response) == [f"Record {first.pk} is approved."]
        assert response.context["record"] == second
        assert (response.context["reviewed"], response.context["total"]) == (1, 2)

    def test_shows_dialogues_as_turns(self, admin_client: Client, run: Run) -> None:
        turns = [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Good day"}]
        Record.objects.write(
            [Record(dataset=run.dataset, content={"messages": turns})], dataset=run.dataset
        )
        page = admin_client.get(QUEUE).content.decode()
        assert '<strong>assistant</strong><div class="sy-text">Good day</div>' in page

    def test_escapes_what_a_model_wrote(self, admin_client: Client, run: Run) -> None:
        into = factories.dataset()
        turns = [{"role": HOSTILE, "content": HOSTILE}]
        content = {HOSTILE: HOSTILE, "messages": turns}
        [record] = Record.objects.write([Record(dataset=into, content=content)], dataset=into)
        review.edit(record.pk, {**content, "more": HOSTILE}, None)
        review.decide(record.pk, review.Order(action="rejected", note=HOSTILE))
        shown = f"{QUEUE}?record={record.pk}"
        for address in (shown, f"{shown}&edit=1", url("change", record)):
            assert "<script>alert(1)" not in admin_client.get(address).content.decode()

    def test_leaves_out_what_the_checks_refused_unless_asked(
        self, admin_client: Client, run: Run
    ) -> None:
        [record] = factories.records(1, of_run=run)
        Record.objects.update(status="malformed")
        assert admin_client.get(QUEUE).context["record"] is None
        assert admin_client.get(QUEUE, {"all": 1}).context["record"] == record
        filtered = admin_client.get(QUEUE, {"status__exact": "malformed"})
        assert filtered.context["record"] == record

    def test_leaves_colleagues_their_records(self, run: Run) -> None:
        [theirs, mine] = factories.records(2, of_run=run)
        client = viewer(*MAY_REVIEW)
        Record.objects.filter(pk=theirs.pk).update(assigned_to=User.objects.create_user("other"))
        assert client.get(QUEUE).context["record"] == mine
        assert client.get(QUEUE, {"mine": 1}).context["record"] is None
        Record.objects.filter(pk=mine.pk).update(assigned_to=User.objects.get(username="viewer"))
        assert client.get(QUEUE, {"mine": 1}).context["record"] == mine

    def test_says_when_nothing_is_left(self, admin_client: Client) -> None:
        assert "Nothing is waiting for review here." in admin_client.get(QUEUE).content.decode()

    def test_shows_findings_and_the_twin(self, admin_client: Client, run: Run) -> None:
        [first] = factories.records(1, of_run=run)
        [twin] = Record.objects.write(
            [Record(dataset=run.dataset, content=first.content)], dataset=run.dataset
        )
        page = admin_client.get(QUEUE, {"record": twin.pk}).content.decode()
        assert "The dataset holds a record with the same content already." in page
        assert f"Repeats record {first.pk}" in page

    def test_refuses_a_filter_that_means_nothing(self, admin_client: Client) -> None:
        response = admin_client.get(QUEUE, {"nonsense": "x"}, follow=True)
        assert texts(response) == ["The filter in the address means nothing."]

    def test_finds_nothing_in_a_run_that_cannot_be(self, admin_client: Client, run: Run) -> None:
        factories.records(1, of_run=run)
        page = admin_client.get(QUEUE, {"run__id__exact": "x"}).content.decode()
        assert "Nothing is waiting for review here." in page

    def test_speaks_chinese(self, admin_client: Client, run: Run) -> None:
        factories.records(1, of_run=run)
        page = admin_client.get(QUEUE, headers={"Accept-Language": "zh-hans"}).content.decode()
        assert all(words in page for words in ("通过", "拒绝", "已审核 0 / 1"))


class TestDeciding:
    def test_wants_a_reason_for_a_rejection(self, admin_client: Client, run: Run) -> None:
        [record] = factories.records(1, of_run=run)
        response = decide(admin_client, record, "rejected")
        assert texts(response) == ["Say why: whoever mends the template needs to know."]
        assert Record.objects.get().review == "unreviewed"

    @pytest.mark.parametrize("field", ["note", "quick"])
    def test_takes_a_reason_of_ones_own_or_a_usual_one(
        self, admin_client: Client, run: Run, field: str
    ) -> None:
        [record] = factories.records(1, of_run=run)
        decide(admin_client, record, "rejected", **{field: "Wrong facts"})
        assert Record.objects.get().review_note == "Wrong facts"

    def test_tells_the_second_reviewer_and_goes_on(self, admin_client: Client, run: Run) -> None:
        [record] = factories.records(1, of_run=run)
        ann = User.objects.create_user("Ann")
        review.decide(record.pk, review.Order(action="approved", user=ann))
        [text] = texts(decide(admin_client, record, "rejected", note="No."))
        assert text.startswith(f"Record {record.pk}: Ann approved this record at ")
        assert Record.objects.get().review == "approved"

    def test_says_why_a_record_cannot_be_approved_and_stays_there(
        self, admin_client: Client, run: Run
    ) -> None:
        first, twin = (factories.records(1, of_run=run)[0] for _row in range(2))
        Record.objects.filter(pk=twin.pk).update(status="duplicate", content=first.content)
        response = decide(admin_client, twin, "approved", back=f"?record={twin.pk}")
        assert "has the same content" in texts(response)[0]
        assert response.context["record"] == twin

    def test_says_when_an_approved_record_is_surplus(self, admin_client: Client) -> None:
        run = factories.run(factories.task(target_count=1))
        _first, record = factories.records(2, of_run=run)
        assert "surplus" in texts(decide(admin_client, record, "approved"))[1]

    @pytest.mark.parametrize("place", ["https://elsewhere.example/", "//elsewhere.example"])
    def test_goes_nowhere_else(self, admin_client: Client, run: Run, place: str) -> None:
        [record] = factories.records(1, of_run=run)
        given = {"action": "approved", "next": place}
        assert admin_client.post(url("decide", record), given).headers["Location"] == QUEUE

    def test_is_written_into_the_history_of_the_site(self, admin_client: Client, run: Run) -> None:
        [record] = factories.records(1, of_run=run)
        decide(admin_client, record, "approved")
        assert "approved" in admin_client.get(url("history", record)).content.decode()

    def test_assigns_and_takes_back(self, admin_client: Client, run: Run) -> None:
        [record] = factories.records(1, of_run=run)
        viewer(*MAY_REVIEW)
        who = User.objects.get(username="viewer")
        for assignee, expected in ((who.pk, who), ("", None)):
            decide(admin_client, record, "assigned", assignee=assignee)
            assert Record.objects.get().assigned_to == expected

    def test_assigns_to_reviewers_only(self, admin_client: Client, run: Run) -> None:
        [record] = factories.records(1, of_run=run)
        author = User.objects.create_user("author")
        decide(admin_client, record, "assigned", assignee=author.pk)
        assert Record.objects.get().assigned_to is None


class TestEditing:
    def test_shows_a_field_for_each_name(self, admin_client: Client, run: Run) -> None:
        [record] = factories.records(1, of_run=run)
        page = admin_client.get(QUEUE, {"record": record.pk, "edit": 1}).content.decode()
        assert page.count('name="field-') == 2

    def test_saves_through_the_checks_and_returns(self, admin_client: Client, run: Run) -> None:
        [record] = factories.records(1, of_run=run)
        given = {"field-0": "Why?\r\nReally?", "field-1": "So.", "version": record.version}
        response = admin_client.post(
            url("edit", record), {**given, "back": f"?record={record.pk}"}, follow=True
        )
        assert texts(response) == ["Saved, and checked again."]
        assert Record.objects.get().content == {"question": "Why?\nReally?", "answer": "So."}

    def test_approves_at_once(self, admin_client: Client, run: Run) -> None:
        [record] = factories.records(1, of_run=run)
        given = {"field-0": "", "field-1": "So.", "version": record.version, "approve": 1}
        admin_client.post(url("edit", record), given)
        record.refresh_from_db()
        assert (record.status, record.review) == ("accepted", "approved")
        assert record.findings[0]["check"] == "schema"

    def test_keeps_lists_and_numbers_what_they_are(self, admin_client: Client) -> None:
        into = factories.dataset()
        content = {"n": 1, "tags": ["a"], "none": None}
        [record] = Record.objects.write([Record(dataset=into, content=content)], dataset=into)
        given = {"field-0": "2", "field-1": '["a", "b"]', "field-2": "null"}
        admin_client.post(url("edit", record), given)
        assert Record.objects.get().content == {"n": 2, "tags": ["a", "b"], "none": None}

    def test_refuses_broken_json(self, admin_client: Client) -> None:
        into = factories.dataset()
        [record] = Record.objects.write([Record(dataset=into, content={"n": 1})], dataset=into)
        response = admin_client.post(url("edit", record), {"field-0": "{"}, follow=True)
        assert texts(response) == ["n: Enter a valid JSON."]

    def test_shows_the_difference_and_undoes_it(self, admin_client: Client, run: Run) -> None:
        [record] = factories.records(1, of_run=run)
        admin_client.post(url("edit", record), {"field-0": "Why?", "field-1": "Answer."})
        page = admin_client.get(url("change", record)).content.decode()
        assert '<div class="is-added">+Why?</div>' in page
        response = admin_client.post(url("undo", record), follow=True)
        assert texts(response) == ["The edit is undone, and the record checked again."]
        assert Record.objects.get().content == record.content

    def test_on_the_records_page_has_its_author(self, admin_client: Client, run: Run) -> None:
        [record] = factories.records(1, of_run=run)
        admin_client.post(url("change", record), {"content": '{"question": "Q", "answer": "A"}'})
        assert str(ReviewEvent.objects.get().user) == "admin"


class TestManyRecords:
    def test_are_counted_exactly_before_they_are_decided(
        self, admin_client: Client, run: Run
    ) -> None:
        factories.records(3, of_run=run)
        factories.records(2)
        address = f"{BULK}?dataset__id__exact={run.dataset_id}&action=rejected"
        asked = admin_client.get(address)
        assert "3 records will be rejected." in asked.content.decode()
        given = {**hidden(asked), "action": "rejected", "note": "Off the topic"}
        response = admin_client.post(address, given, follow=True)
        assert texts(response) == ["Reject: 3 records."]
        assert Record.objects.filter(review="rejected").count() == 3

    def test_need_a_reason_for_a_rejection(self, admin_client: Client, run: Run) -> None:
        factories.records(1, of_run=run)
        address = f"{BULK}?action=rejected"
        given = {**hidden(admin_client.get(address)), "action": "rejected"}
        response = admin_client.post(address, given)
        assert "Say why: whoever mends the template needs to know." in response.content.decode()
        assert Record.objects.get().review == "unreviewed"

    def test_go_on_page_after_page_until_all_are_done(
        self, admin_client: Client, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(review, "CHUNK_RECORDS", 2)
        monkeypatch.setattr(review.decide_all, "__kwdefaults__", {"after": 0, "seconds": 0})
        factories.records(5, of_run=run)
        response = admin_client.get(BULK)
        for done in (2, 4):
            response = admin_client.post(BULK, {**hidden(response), "action": "approved"})
            assert f"{done} of 5 records are done." in response.content.decode()
        last = admin_client.post(BULK, {**hidden(response), "action": "approved"}, follow=True)
        assert texts(last) == ["Approve: 5 records."]

    def test_tell_what_could_not_be_approved(self, admin_client: Client, run: Run) -> None:
        Record.objects.write(
            [Record(dataset=run.dataset, raw="Sorry", status="malformed")], dataset=run.dataset
        )
        given = {**hidden(admin_client.get(BULK)), "action": "approved"}
        assert texts(admin_client.post(BULK, given, follow=True)) == [
            "Approve: 0 records.",
            "1 records hold nothing that could be approved; edit or reject them.",
        ]

    def test_are_those_that_were_ticked(self, admin_client: Client, run: Run) -> None:
        first, second, _third = factories.records(3, of_run=run)
        given = {"action": "decide_on_selected", "_selected_action": [first.pk, second.pk]}
        response = admin_client.post(LIST, given, follow=True)
        assert response.context["total"] == 2

    def test_are_filtered_by_reviewer(self, admin_client: Client, run: Run) -> None:
        first, _second = factories.records(2, of_run=run)
        Record.objects.filter(pk=first.pk).update(assigned_to=User.objects.get())
        for who, number in (("me", 1), ("nobody", 1), (User.objects.get().pk, 1)):
            assert admin_client.get(BULK, {"assigned": who}).context["total"] == number


class TestPermissions:
    @pytest.mark.parametrize("granted", [("view_record", "change_record"), ("review_record",)])
    def test_nobody_decides_without_them(self, run: Run, granted: tuple[str, ...]) -> None:
        [record] = factories.records(1, of_run=run)
        client = viewer(*granted)
        for address in (QUEUE, BULK):
            assert client.get(address).status_code == 403
        assert client.post(BULK, {"action": "approved"}).status_code == 403
        assert client.post(url("decide", record), {"action": "approved"}).status_code == 403
        assert Record.objects.get().review == "unreviewed"

    def test_a_reviewer_decides_but_edits_only_with_another(self, run: Run) -> None:
        [record] = factories.records(1, of_run=run)
        client = viewer("view_record", "review_record")
        for name in ("edit", "undo"):
            assert client.post(url(name, record)).status_code == 403
        assert decide(client, record, "approved").status_code == 200
        assert Record.objects.get().review == "approved"

    def test_show_buttons_to_reviewers_only(self, run: Run) -> None:
        [record] = factories.records(1, of_run=run)
        reader = viewer("view_record")
        for address in (LIST, url("change", record)):
            assert "qr-button" not in reader.get(address).content.decode()


def test_lists_who_has_what_to_review(admin_client: Client, run: Run) -> None:
    factories.records(1, of_run=run)
    Record.objects.update(assigned_to=User.objects.get(), review="approved")
    page = admin_client.get(LIST).content.decode()
    assert "approved" in page
    assert f'href="{QUEUE}?"' in page or f'href="{QUEUE}"' in page


def test_counts_a_dataset_by_review(admin_client: Client, run: Run) -> None:
    first, *_rest = factories.records(3, of_run=run)
    review.decide(first.pk, review.Order(action="approved"))
    address = reverse("admin:synthesis_dataset_change", args=[run.dataset_id])
    page = admin_client.get(address).content.decode()
    assert "unreviewed 2</a>" in page
    assert "approved 1</a>" in page
    assert "Review one by one" in page
    assert "Review one by one" not in viewer("view_dataset").get(address).content.decode()
