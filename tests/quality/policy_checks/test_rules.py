"""The rules by which a check compares a record before and after, on records that are not stored."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality import scoring
from quality.models import PolicyVersion
from quality.policies import Effective
from quality.policy_checks.examination import (
    Rooms,
    by_run,
    is_past,
    is_same,
    measure,
    needs_parts,
    rescore,
    restore,
    values_of,
)
from quality.policy_checks.preview import change, decided
from quality.policy_checks.swap import print_of
from synthesis.models import Record
from synthesis.models.quota import Room

pytestmark = pytest.mark.any_database

REFUSED = ("duplicate", "malformed", "rejected")
PARTS = dict.fromkeys(scoring.PARTS, 80)
SHORT = {"check": "format", "code": "too_short", "value": 4, "limit": 9}
VARIANT = {"check": "duplicate", "code": "variant", "reason": "number"}
NEAR = {"check": "duplicate", "code": "near", "similarity": 0.9}
PHONE = {"check": "personal", "code": "phone", "action": "flag"}
MASKED = {"check": "personal", "code": "phone", "action": "mask"}
BELOW = {"check": "score", "code": "below", "score": 20.0, "minimum": 30.0}
REPAIRED = {"check": "repair", "code": "repaired"}
DISAGREEMENT = {"check": "judge", "code": "disagreement", "first": 20.0, "second": 80.0}


def record(**fields: Any) -> Record:
    return Record(**{"content": {"answer": "Tea"}, "status": "accepted", **fields})


def effective(**fields: Any) -> Effective:
    version = PolicyVersion(**fields)
    return Effective(
        policy=version,
        duplicate_threshold=version.duplicate_threshold,
        minimum_score=version.minimum_score,
        judge_threshold=version.judge_threshold,
    )


class TestRooms:
    @pytest.mark.parametrize(
        ("before", "after", "left", "status", "then"),
        [
            pytest.param("malformed", "accepted", 1, "accepted", 0, id="room for what comes back"),
            pytest.param("malformed", "accepted", 0, "surplus", 0, id="no room for it"),
            pytest.param("rejected", "accepted", -2, "surplus", -2, id="overfull already"),
            pytest.param("accepted", "accepted", 0, "accepted", 0, id="stays where it is"),
            pytest.param("accepted", "malformed", 0, "malformed", 1, id="leaves its place"),
            pytest.param("accepted", "duplicate", 3, "duplicate", 4, id="a repeat leaves, too"),
            pytest.param("surplus", "accepted", 5, "surplus", 5, id="surplus does not move up"),
            pytest.param("pending", "accepted", 5, "pending", 5, id="waits for its judge still"),
            pytest.param("surplus", "rejected", 0, "rejected", 0, id="surplus held no place"),
            pytest.param("pending", "rejected", 0, "rejected", 0, id="who waits held no place"),
            pytest.param("malformed", "rejected", 0, "rejected", 0, id="refused either way"),
        ],
    )
    def test_settle(self, before: str, after: str, left: int, status: str, then: int) -> None:
        rooms, row = Rooms({7: Room(left)}), record(status=after, run_id=7)
        rooms.settle(row, before)
        assert (row.status, rooms.of_run[7].left) == (status, then)

    @pytest.mark.parametrize("before", ["malformed", "rejected", "duplicate", "accepted"])
    @pytest.mark.parametrize("run_id", [None, 8], ids=["no run", "the run of another dataset"])
    def test_records_outside_the_runs_have_room_without_end(
        self, before: str, run_id: int | None
    ) -> None:
        rooms, row = Rooms({7: Room(0)}), record(run_id=run_id)
        rooms.settle(row, before)
        assert (row.status, rooms.of_run) == ("accepted", {7: Room(0)})

    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["accepted", "pending", "surplus", *REFUSED]),
                st.sampled_from(["accepted", *REFUSED]),
            ),
            max_size=12,
        ),
        st.integers(0, 4),
    )
    def test_never_accept_more_than_were_wanted(
        self, moves: list[tuple[str, str]], free: int
    ) -> None:
        rooms = Rooms({7: Room(free)})
        already = sum(before == "accepted" for before, _after in moves)
        accepted = already
        for before, after in moves:
            row = record(status=after, run_id=7)
            rooms.settle(row, before)
            accepted += (row.status == "accepted") - (before == "accepted")
        assert accepted <= already + free
        assert rooms.of_run[7].left == already + free - accepted


class TestIsSame:
    @pytest.mark.parametrize(
        ("first", "second"),
        [
            pytest.param([], [VARIANT], id="a variant that is new"),
            pytest.param([VARIANT], [], id="a variant that is gone"),
            pytest.param([NEAR], [{**NEAR, "similarity": 0.7}], id="another similarity"),
            pytest.param([SHORT, PHONE], [PHONE, SHORT], id="another order"),
            pytest.param([PHONE, VARIANT], [VARIANT, PHONE], id="a variant among them"),
            pytest.param(
                [{"check": "a", "x": 1, "y": 2}],
                [{"y": 2, "x": 1, "check": "a"}],
                id="another order of names",
            ),
        ],
    )
    def test_says_so_of_findings(self, first: list[Any], second: list[Any]) -> None:
        one, other = (values_of(record(findings=found)) for found in (first, second))
        assert is_same(one, other)
        assert is_same(other, one)

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            pytest.param({}, {"status": "rejected"}, id="the status"),
            pytest.param({"score": 80.0}, {"score": 80.1}, id="the score"),
            pytest.param({"score": None}, {"score": 0.0}, id="a score where there was none"),
            pytest.param({}, {"content": {"answer": "T"}}, id="a masked content"),
            pytest.param({}, {"content": {"answer": "tea"}}, id="capitals of a content"),
            pytest.param({}, {"findings": [PHONE]}, id="a finding that is new"),
            pytest.param({"findings": [PHONE]}, {}, id="a finding that is gone"),
            pytest.param(
                {"findings": [SHORT]}, {"findings": [{**SHORT, "limit": 8}]}, id="another limit"
            ),
            pytest.param(
                {"findings": [PHONE]}, {"findings": [PHONE, PHONE]}, id="a finding said twice"
            ),
            pytest.param(
                {"findings": [NEAR]},
                {"findings": [{"check": "duplicate", "code": "exact"}]},
                id="a near repeat that is an exact one",
            ),
        ],
    )
    def test_sees_another(self, first: dict[str, Any], second: dict[str, Any]) -> None:
        one, other = values_of(record(**first)), values_of(record(**second))
        assert not is_same(one, other)
        assert not is_same(other, one)

    @pytest.mark.parametrize(
        "fields",
        [{"duplicate_of_id": 9}, {"simhash": 5}, {"content_hash": "ab"}, {"score_parts": PARTS}],
        ids=lambda fields: next(iter(fields)),
    )
    def test_leaves_out_what_nobody_reads(self, fields: dict[str, Any]) -> None:
        assert is_same(values_of(record()), values_of(record(**fields)))


@pytest.mark.parametrize(
    ("finding", "expected"),
    [
        pytest.param(REPAIRED, True, id="a repair"),
        pytest.param({"check": "repair", "code": "not_repaired"}, True, id="a repair that failed"),
        pytest.param(MASKED, True, id="a mask"),
        pytest.param(PHONE, False, id="the same rule that only flags"),
        pytest.param(SHORT, False, id="a form"),
        pytest.param(BELOW, False, id="a score"),
        pytest.param({}, False, id="an empty finding"),
    ],
)
def test_only_what_was_done_to_a_record_is_past(finding: dict[str, Any], expected: bool) -> None:
    assert is_past(finding) is expected


class TestMeasure:
    @pytest.mark.parametrize(
        ("score", "mark", "status"),
        [
            pytest.param(59.9, 60, "rejected", id="a little below"),
            pytest.param(60.0, 60, "accepted", id="exactly the mark"),
            pytest.param(0.0, 0, "accepted", id="nothing asked"),
            pytest.param(0.0, 0.1, "rejected", id="nothing earned"),
            pytest.param(100.0, 100, "accepted", id="all of it"),
            pytest.param(99.99, 100, "rejected", id="nearly all of it"),
            pytest.param(None, 60, "accepted", id="never judged"),
        ],
    )
    def test_holds_a_stored_score_against_the_mark(
        self, score: float | None, mark: float, status: str
    ) -> None:
        row = record(judge_score=score, findings=[])
        measure(row, effective(judge_model_id=1, judge_threshold=mark), [])
        assert row.status == status
        assert [found["code"] for found in row.findings] == ["below"] * (status == "rejected")

    def test_a_policy_without_a_judge_asks_for_no_score(self) -> None:
        row = record(judge_score=1.0, findings=[])
        measure(row, effective(judge_threshold=60), [])
        assert (row.status, row.findings) == ("accepted", [])

    @pytest.mark.parametrize("status", REFUSED)
    def test_what_is_refused_already_keeps_its_reason(self, status: str) -> None:
        row = record(judge_score=1.0, status=status, findings=[SHORT])
        measure(row, effective(judge_model_id=1), [DISAGREEMENT])
        assert (row.status, row.findings) == (status, [SHORT])

    @pytest.mark.parametrize("score", [10.0, 90.0], ids=["rejected", "accepted"])
    def test_two_judges_who_disagreed_still_do(self, score: float) -> None:
        row = record(judge_score=score, findings=[])
        old = {"check": "judge", "code": "below", "score": 1.0, "threshold": 2.0}
        measure(row, effective(judge_model_id=1), [SHORT, old, DISAGREEMENT])
        assert row.findings[-1] == DISAGREEMENT
        assert old not in row.findings


class TestRescore:
    @pytest.mark.parametrize(
        ("parts", "weights", "score"),
        [
            pytest.param({"length": 40}, {"length": 1}, 40.0, id="one part alone"),
            pytest.param({"length": 40}, {"format": 1}, 80.0, id="another part"),
            # (70 + 80) / 2
            pytest.param({"length": 70}, {"length": 1, "format": 1}, 75.0, id="two alike"),
            # (60 + 3 * 80) / 4
            pytest.param({"length": 60}, {"length": 1, "format": 3}, 75.0, id="one thrice"),
            pytest.param({"length": 0}, {"length": 0, "format": 1}, 80.0, id="weight of nothing"),
        ],
    )
    def test_weighs_the_stored_parts(
        self, parts: dict[str, int], weights: dict[str, float], score: float
    ) -> None:
        row = record(score_parts={**PARTS, **parts}, score=1.0)
        rescore([row], effective(weights=weights), None)
        assert (row.score, row.score_parts) == (score, {**PARTS, **parts})

    @pytest.mark.parametrize(("minimum", "status"), [(80, "accepted"), (80.1, "rejected")])
    def test_rejects_below_the_minimum(self, minimum: float, status: str) -> None:
        row = record(score_parts=PARTS, score=1.0)
        rescore([row], effective(minimum_score=minimum), None)
        assert row.status == status

    @pytest.mark.parametrize("status", ["malformed", "duplicate"])
    def test_what_is_refused_before_is_not_rejected(self, status: str) -> None:
        row = record(score_parts=PARTS, status=status)
        rescore([row], effective(minimum_score=100), None)
        assert row.status == status

    def test_a_record_whose_form_is_wrong_now_loses_its_score(self) -> None:
        row = record(score_parts=PARTS, score=80.0, status="malformed")
        rescore([row], effective(), None)
        assert (row.score, row.score_parts) == (None, {})

    def test_a_record_that_was_never_scored_gets_its_parts(self) -> None:
        row = record(content={"answer": "Green tea is picked in spring and dried at once."})
        rescore([row], effective(), None)
        assert row.score_parts.keys() == scoring.PARTS.keys()
        assert 0 < row.score <= 100

    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            pytest.param({"score_parts": PARTS}, False, id="all parts"),
            pytest.param({"score_parts": {}}, True, id="no part"),
            pytest.param({"score_parts": {"length": 1}}, True, id="some parts"),
            pytest.param({"score_parts": {**PARTS, "beauty": 1}}, True, id="parts of other days"),
            pytest.param({"score_parts": PARTS, "status": "malformed"}, True, id="malformed"),
        ],
    )
    def test_parts_are_made_where_they_are_missing(
        self, fields: dict[str, Any], expected: bool
    ) -> None:
        assert needs_parts(record(**fields)) is expected


class TestChange:
    def proposed(self, before: dict[str, Any], **after: Any) -> Any:
        row = record(pk=5, **before)
        old = values_of(row)
        restore(row, after)
        return change(None, row, old, "print")

    def test_is_none_where_all_stays(self) -> None:
        assert self.proposed({"score": 5.0}) is None

    @pytest.mark.parametrize(
        ("before", "after", "reason"),
        [
            pytest.param(
                {}, {"status": "malformed", "findings": [SHORT]}, "format:too_short", id="refused"
            ),
            pytest.param(
                {"status": "malformed", "findings": [SHORT]},
                {"status": "accepted", "findings": []},
                "format:too_short",
                id="comes back",
            ),
            pytest.param(
                {"status": "malformed", "findings": [SHORT]},
                {"status": "rejected", "findings": [PHONE, BELOW]},
                "score:below",
                id="refused for another reason, the last one",
            ),
            pytest.param({}, {"findings": [PHONE]}, "", id="only flagged"),
            pytest.param({"score": 3.0}, {"score": 4.0}, "", id="another score"),
            pytest.param(
                {"status": "rejected", "findings": [{"check": "c" * 50, "code": "d" * 50}]},
                {"status": "surplus", "findings": []},
                f"{'c' * 50}:{'d' * 9}",
                id="a name too long for its column",
            ),
        ],
    )
    def test_names_the_reason(
        self, before: dict[str, Any], after: dict[str, Any], reason: str
    ) -> None:
        assert self.proposed(before, **after).reason == reason

    def test_holds_a_content_only_where_it_is_masked(self) -> None:
        assert "content" not in self.proposed({}, score=1.0).values
        masked = self.proposed({}, content={"answer": "***"})
        assert masked.values["content"] == {"answer": "***"}

    @pytest.mark.parametrize("status", ["accepted", "pending", "surplus"])
    def test_what_counts_was_refused_by_nothing(self, status: str) -> None:
        assert decided(status, [SHORT, PHONE]) == {}


class TestPrint:
    @pytest.mark.parametrize(
        "fields",
        [
            {"content": {"answer": "Coffee"}},
            {"status": "surplus"},
            {"findings": [PHONE]},
            {"review": "approved"},
            {"judge_score": 5.0},
            {"score": 5.0},
            {"duplicate_of_id": 3},
        ],
        ids=lambda fields: next(iter(fields)),
    )
    def test_changes_with_what_a_person_or_a_check_may_change(self, fields: dict[str, Any]) -> None:
        assert print_of(record(**fields)) != print_of(record())

    @pytest.mark.parametrize(
        "fields",
        [{"review_note": "Good."}, {"category": "tea"}, {"raw": "{"}, {"pk": 5}],
        ids=lambda fields: next(iter(fields)),
    )
    def test_stays_with_what_no_check_looks_at(self, fields: dict[str, Any]) -> None:
        assert print_of(record(**fields)) == print_of(record())

    def test_does_not_depend_on_the_order_in_which_a_database_gives_names(self) -> None:
        one, other = {"a": 1, "b": 2}, {"b": 2, "a": 1}
        assert print_of(record(content=one)) == print_of(record(content=other))


@given(st.lists(st.sampled_from([None, 1, 2, 3]), max_size=12))
def test_records_are_grouped_by_run_in_their_order(runs: list[int | None]) -> None:
    rows = [record(pk=number, run_id=run) for number, run in enumerate(runs)]
    groups = by_run(rows)
    assert [run for run, _group in groups] == list(dict.fromkeys(runs))
    for run, group in groups:
        assert [row.pk for row in group] == [row.pk for row in rows if row.run_id == run]
