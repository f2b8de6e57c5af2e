"""What a policy check says of itself, from its job and its report, in both languages."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from quality.models import PolicyCheck
from quality.models.policy_check import SENTENCES, PolicyCheckError
from quality.policy_checks import words
from quality.policy_checks.words import Move
from synthesis.errors import WrongStateError
from synthesis.models import Job, Record
from tests.quality.policy_checks import checked

pytestmark = pytest.mark.any_database

PREVIEW, APPLY, UNDO = PolicyCheck.Stage.values
FINISHED = {PREVIEW: "previewed", APPLY: "applied", UNDO: "undone"}


def check(stage: str = PREVIEW, state: str = "", **fields: Any) -> PolicyCheck:
    job = Job(kind="policy_preview", state=state) if state else None
    return PolicyCheck(pk=1, stage=stage, job=job, **fields)


@pytest.mark.parametrize("stage", PolicyCheck.Stage.values)
class TestState:
    @pytest.mark.parametrize("state", ["waiting", "running", "failed", "cancelled"])
    def test_is_that_of_its_job_until_it_is_done(self, stage: str, state: str) -> None:
        found = check(stage, state)
        assert (found.state, found.is_done) == (state, False)
        assert found.is_open is (state in ("waiting", "running"))

    def test_tells_what_was_done(self, stage: str) -> None:
        found = check(stage, "done")
        assert (found.state, found.is_done, found.is_open) == (FINISHED[stage], True, False)

    def test_without_a_job_it_has_failed_and_says_why(self, stage: str) -> None:
        found = check(stage)
        assert (found.state, found.is_open, found.is_done) == ("failed", False, False)
        assert found.reason == "Its background job is gone. Start another one."
        assert found.progress_percent == 0

    @pytest.mark.parametrize("language", ["en", "zh-hans"])
    def test_has_a_word_for_people(self, stage: str, language: str) -> None:
        with translation.override(language):
            label = check(stage, "done").state_label
        assert label.isascii() is (language == "en")


@pytest.mark.parametrize("state", ["waiting", "running"])
@pytest.mark.parametrize("report", [None, {"records": 1}], ids=["no report", "a report"])
def test_nothing_is_applied_while_it_works(state: str, report: Any) -> None:
    assert not check(PREVIEW, state, report=report).can_apply
    assert not check(UNDO, state, report=report).can_apply
    assert not check(APPLY, state, report=report).can_undo


@pytest.mark.parametrize("state", ["done", "failed", "cancelled"])
def test_nothing_is_applied_without_a_preview(state: str) -> None:
    assert not check(PREVIEW, state, report=None).can_apply


def test_what_has_no_job_cannot_be_cancelled() -> None:
    with pytest.raises(WrongStateError):
        check().cancel()


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_a_refusal_is_a_sentence_in_both_languages(code: str) -> None:
    assert str(PolicyCheckError(code)).endswith(".")
    with translation.override("zh-hans"):
        assert str(PolicyCheckError(code)).endswith("。")


def move(before: str, after: str, reason: str = "") -> Move:
    return Move(before=before, after=after, reason=reason, records=1)


class TestMove:
    @pytest.mark.parametrize(
        ("before", "after", "title"),
        [
            ("accepted", "malformed", "accepted → malformed"),
            ("rejected", "surplus", "rejected → surplus"),
            ("accepted", "accepted", "accepted, with other findings or another score"),
            ("duplicate", "duplicate", "duplicate, with other findings or another score"),
        ],
    )
    def test_has_a_title(self, before: str, after: str, title: str) -> None:
        assert move(before, after).title == title

    @pytest.mark.parametrize("before", Record.Status.values)
    @pytest.mark.parametrize("after", Record.Status.values)
    def test_has_a_chinese_title_for_any_two_states(self, before: str, after: str) -> None:
        with translation.override("zh-hans"):
            title = move(before, after).title
        assert not any("a" <= letter <= "z" for letter in title)

    @pytest.mark.parametrize(
        ("before", "after", "is_back"),
        [
            ("malformed", "accepted", True),
            ("duplicate", "surplus", True),
            ("rejected", "pending", True),
            ("accepted", "rejected", False),
            ("malformed", "rejected", False),
            ("accepted", "accepted", False),
            ("malformed", "malformed", False),
        ],
    )
    def test_says_no_longer_of_what_comes_back(
        self, before: str, after: str, is_back: bool
    ) -> None:
        sentence = "The rule score is below the minimum."
        found = move(before, after, "score:below").sentence
        assert found == (f"No longer: {sentence}" if is_back else sentence)

    def test_without_a_reason_says_nothing(self) -> None:
        assert move("malformed", "accepted").sentence == ""

    def test_a_reason_nobody_knows_is_shown_by_its_name(self) -> None:
        found = move("accepted", "rejected", "<b>odd:%(x)s").sentence
        assert found == "Found by a check: <b>odd:%(x)s."


class TestFigures:
    def shown(self, **report: Any) -> dict[str, int]:
        return dict(words.figures(check(report=report)))

    def test_a_check_without_a_report_has_figures_of_nothing(self) -> None:
        assert set(dict(words.figures(check(report=None))).values()) == {0}

    def test_a_status_is_shown_before_and_after_if_it_is_in_either(self) -> None:
        found = self.shown(statuses_before={"accepted": 3}, statuses_after={"rejected": 3})
        assert found["accepted now"] == found["rejected by the policy"] == 3
        assert found["accepted by the policy"] == found["rejected now"] == 0
        assert "surplus now" not in found

    @pytest.mark.parametrize(
        ("name", "line"),
        [
            ("records", "records looked at"),
            ("decided_by_people", "decided by people, left as they are"),
            ("unreadable", "replies without a record, left as they are"),
            ("unjudged", "accepted without a judge's score"),
        ],
    )
    def test_a_count_stands_under_its_name(self, name: str, line: str) -> None:
        assert self.shown(**{name: 12})[line] == 12

    def test_figures_are_told_in_chinese(self) -> None:
        with translation.override("zh-hans"):
            names = self.shown(statuses_before=dict.fromkeys(Record.Status.values, 1))
        assert [name for name in names if name.isascii()] == []


@pytest.mark.django_db
class TestLines:
    def test_an_empty_dataset_would_not_change(self) -> None:
        lines = words.lines(checked.check(checked.texts()))
        assert (lines[0], lines[-1]) == ("records looked at: 0", "Nothing would change.")

    def test_the_largest_move_between_states_comes_first(self) -> None:
        dataset = checked.texts("Yes.", "No.", "Green tea is picked in spring.", "x" * 99)
        found = checked.check(dataset, min_characters=9, max_characters=80)
        assert [line.partition(" (")[0] for line in words.lines(found)[-2:]] == [
            "- accepted → malformed: 2",
            "- accepted → malformed: 1",
        ]

    def test_counts_name_every_state_of_a_change(self) -> None:
        found = checked.check(checked.texts("Yes."))
        assert words.counts(found) == {"proposed": 0, "applied": 0, "skipped": 0}
