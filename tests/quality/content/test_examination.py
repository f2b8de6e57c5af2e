from __future__ import annotations

import pytest

from quality.content import Action, Kind, apply, examine
from synthesis.models import Record
from tests.quality.content.finding import rule

PHONE = rule(Kind.PERSONAL, Action.MASK, name="Privacy")
FOOL = rule(Kind.WORDS, Action.REJECT, name="Abuse", words=["fool"])
LINKS = rule(Kind.URL, Action.FLAG, name="Links")
SLOW = rule(Kind.EXPRESSION, Action.REJECT, name="Slow", expression="(a|aa)+$b")


def applied(content: object, *rules: object, status: str = "accepted") -> Record:
    record = Record(content=content, status=status)
    apply([record], rules)
    return record


def test_a_rejecting_rule_rejects_and_says_where() -> None:
    record = applied({"question": "Why?", "answers": ["No.", "You fool!"]}, FOOL)
    assert record.status == "rejected"
    assert record.findings == [
        {
            "check": "content",
            "code": "words",
            "rule_name": "Abuse",
            "action": "reject",
            "field": "answers[1]",
            "value": "fool",
            "count": 1,
        }
    ]


def test_a_flagging_rule_only_adds_its_finding() -> None:
    record = applied({"answer": "See https://acme.io/a."}, LINKS)
    assert (record.status, record.findings[0]["value"]) == ("accepted", "https://acme.io/a")


def test_a_masking_rule_changes_the_texts_and_never_tells_the_data() -> None:
    content = {"q": "谁？", "a": {"b": ["打13812345678或13912340000", 7, None, "jane@acme.io"]}}
    record = applied(content, PHONE)
    assert record.content["a"]["b"] == ["打138****5678或139****0000", 7, None, "[email]"]
    assert record.status == "accepted"
    assert [(one["code"], one["count"]) for one in record.findings] == [("phone", 2), ("email", 1)]
    assert "13812345678" not in str(record.findings)
    assert content["a"]["b"][3] == "jane@acme.io"


def test_two_masks_of_one_place_leave_one_mark() -> None:
    words = rule(Kind.WORDS, Action.MASK, words=["acme"])
    record = applied({"a": "jane@acme.io, acme"}, PHONE, words)
    assert record.content == {"a": "[email], ****"}


def test_masks_a_record_that_is_rejected_too() -> None:
    record = applied({"a": "fool 13812345678"}, FOOL, PHONE)
    assert (record.status, record.content) == ("rejected", {"a": "fool 138****5678"})


def test_masks_but_does_not_judge_what_was_refused_before() -> None:
    record = applied({"a": "fool 13812345678"}, FOOL, PHONE, status="malformed")
    assert (record.status, record.content) == ("malformed", {"a": "fool 138****5678"})
    assert [one["code"] for one in record.findings] == ["phone"]


def test_masks_what_an_earlier_check_quoted() -> None:
    quoted = {"check": "schema", "code": "schema", "value": "13812345678", "limit": 3}
    record = Record(content={"a": "13812345678"}, status="malformed", findings=[quoted])
    apply([record], [PHONE])
    assert record.findings[-1] == {**quoted, "value": "138****5678"}
    assert "13812345678" not in str((record.content, record.findings))


def test_keeps_findings_of_earlier_checks() -> None:
    record = Record(content={"a": "fool"}, findings=[{"check": "score", "code": "x"}])
    apply([record], [FOOL])
    assert [one["check"] for one in record.findings] == ["score", "content"]


@pytest.mark.parametrize("content", [None, {}, [], 7, {"a": None}, {"a": ""}, "😀\ud800"])
def test_takes_any_content(content: object) -> None:
    record = applied(content, FOOL, PHONE, LINKS, rule(Kind.REPETITION), rule(Kind.LANGUAGE))
    assert (record.status, record.findings) == ("accepted", [])


def test_takes_a_record_of_100_kilobytes_with_odd_characters() -> None:
    text = "\u202e\u0007😀 emoji and İ control characters, " * 3_000
    record = applied({"a": text}, *(rule(kind, words=["x"], expression="x{3}") for kind in Kind))
    assert record.content == {"a": text}


def test_a_slow_expression_is_a_remark_and_no_fault() -> None:
    record = applied({"a": "a" * 5_000}, SLOW)
    assert (record.status, record.findings[0]["code"]) == ("accepted", "timeout")
    assert record.findings[0]["action"] == "flag"


def test_gives_a_slow_expression_up_for_the_rest_of_a_write() -> None:
    tried = []

    def find(subject):
        tried.append(subject)
        raise TimeoutError

    slow = type(SLOW)(name="Slow", action=Action.FLAG, find=find)
    records = [Record(content={"a": "text"}) for _row in range(10)]
    apply(records, [slow])
    assert len(tried) == 3
    assert all(record.findings[0]["code"] == "timeout" for record in records)


def test_names_the_texts_as_they_were_given() -> None:
    [finding] = examine({"first": "fine", "second": "a fool, a fool"}, [FOOL])
    assert (finding["field"], finding["count"]) == ("second", 2)


def test_finds_nothing_across_two_texts() -> None:
    bad_luck = rule(Kind.WORDS, words=["bad luck"])
    assert examine({"a": "so bad", "b": "luck has it"}, [bad_luck]) == []
