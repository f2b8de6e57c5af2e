from __future__ import annotations

import json

import pytest

from quality.validators import FormatRules, check, compiled, form_finding
from synthesis.models import Record, TemplateVersion

SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "string", "minLength": 2}, "score": {"type": "integer"}},
    "required": ["answer"],
}


def finding_of(content, schema):
    return form_finding(content, compiled(json.dumps(schema)))


def test_finds_nothing_wrong_with_a_record_that_fits():
    assert finding_of({"answer": "Yes", "score": 3}, SCHEMA) is None


@pytest.mark.parametrize(
    ("content", "detail", "rule"),
    [
        ({}, "$: 'answer' is a required property", ("required", "$", "answer", "answer")),
        ({"answer": "x"}, "$.answer: 'x' is too short", ("minLength", "$.answer", "x", "2")),
        (
            {"answer": "Yes", "score": "3"},
            "$.score: '3' is not of type 'integer'",
            ("type", "$.score", "3", "integer"),
        ),
    ],
)
def test_says_where_a_record_breaks_the_schema(content, detail, rule):
    parts = dict(zip(("rule", "path", "value", "limit"), rule, strict=True))
    finding = {"check": "schema", "code": "schema", "detail": detail, **parts}
    assert finding_of(content, SCHEMA) == finding


def test_names_every_property_that_is_missing_or_too_many():
    schema = {
        "type": "object",
        "properties": {"a": {}, "b": {}},
        "required": ["a", "b"],
        "additionalProperties": False,
    }
    assert finding_of({}, schema)["value"] == "a, b"
    assert finding_of({"a": 1, "b": 2, "c": 3, "d": 4}, schema)["value"] == "c, d"


@pytest.mark.parametrize("content", [None, "text", 7, ["list"]])
def test_takes_only_objects_even_without_a_schema(content):
    assert finding_of(content, {}) == {"check": "schema", "code": "not_an_object"}


def test_cuts_a_message_that_quotes_a_huge_value():
    finding = finding_of({"answer": "Yes", "score": "9" * 100_000}, SCHEMA)
    assert (len(finding["detail"]), len(finding["value"])) == (500, 101)


def checked(content, schema=SCHEMA, **rules):
    record = Record(content=content)
    check([record], schema, FormatRules(**rules))
    return record


def codes(record):
    return [finding["code"] for finding in record.findings]


@pytest.mark.parametrize("text", ["  ", "N/A", "n/a ", "NULL", "...", "……", "暂无", "（略）"])
def test_refuses_a_required_field_that_says_nothing(text):
    record = checked({"answer": text + " "})
    assert (record.status, record.findings) == (
        "malformed",
        [{"check": "format", "code": "empty", "field": "answer", "value": text.strip()}],
    )


@pytest.mark.parametrize("text", ["None", "没有", "10", "no", "-1", "NA is sodium"])
def test_leaves_short_answers_alone(text):
    assert checked({"answer": text}).status == "accepted"


def test_takes_what_a_schema_lists_whatever_it_looks_like():
    schema = {
        "type": "object",
        "properties": {"label": {"enum": ["N/A", "yes"]}},
        "required": ["label"],
    }
    assert checked({"label": "N/A"}, schema).status == "accepted"


def test_minds_no_empty_field_when_told_so_or_when_it_is_optional():
    assert checked({"answer": "N/A"}, refuse_empty_fields=False).status == "accepted"
    assert checked({"answer": "Yes", "note": ""}).status == "accepted"


@pytest.mark.parametrize(
    ("rules", "finding"),
    [
        ({"min_characters": 9}, ("too_short", "", 8, 9)),
        ({"max_characters": 7}, ("too_long", "", 8, 7)),
        ({"min_characters": 8, "max_characters": 8}, None),
    ],
)
def test_counts_the_characters_of_all_fields(rules, finding):
    record = checked({"answer": "Yes", "tags": ["ab", "cde"], "score": 3}, **rules)
    names = ("code", "field", "value", "limit")
    expected = [{"check": "format", **dict(zip(names, finding, strict=True))}] if finding else []
    assert record.findings == expected


def test_refuses_code_that_does_not_parse():
    rules = {"code_fields": {"answer": "sql"}}
    assert checked({"answer": "SELECT 1"}, **rules).status == "accepted"
    assert checked({"answer": "hello world"}, **rules).findings == [
        {
            "check": "format",
            "code": "code",
            "field": "answer",
            "limit": "sql",
            "detail": "no SQL statement",
        }
    ]


def test_leaves_very_long_code_unread_and_says_so():
    record = checked({"answer": "SELECT 1;" * 1_000}, code_fields={"answer": "sql"})
    assert (record.status, codes(record)) == ("accepted", ["unread"])


def test_refuses_a_text_in_another_language_but_not_code_or_labels():
    english = "The river was frozen, and the boys of the village walked over it to school."
    rules = {"expected_language": "zh", "code_fields": {"code": "python"}}
    content = {"answer": "河水结了冰，村里的孩子们走过去上学。", "label": "positive"}
    assert checked({**content, "code": f"# {english}"}, **rules).status == "accepted"
    record = checked({**content, "notes": [{"text": english}]}, **rules)
    assert record.findings == [
        {
            "check": "format",
            "code": "language",
            "field": "notes[0].text",
            "value": "en",
            "limit": "zh",
        }
    ]


def test_judges_the_language_of_short_fields_together():
    rules = {"expected_language": "en"}
    record = checked({"answer": "河水结了冰", "note": "孩子们走过去"}, **rules)
    assert [(finding["code"], finding["field"]) for finding in record.findings] == [
        ("language", "")
    ]


def test_checks_nothing_else_when_the_schema_is_broken():
    assert codes(checked({"answer": "x"}, min_characters=100)) == ["schema"]


@pytest.mark.parametrize("value", [None, 7, ["a"], {"b": "SELECT 1"}])
def test_takes_any_value_where_code_is_expected(value):
    schema = {"type": "object"}
    assert checked({"code": value}, schema, code_fields={"code": "json"}).status in Record.Status


def test_takes_its_rules_from_the_template_and_its_limits_from_a_policy():
    version = TemplateVersion(expected_language="zh", code_fields={"query": "sql"})
    rules = FormatRules.of_template(version, min_characters=3)
    assert rules == FormatRules(
        expected_language="zh", code_fields={"query": "sql"}, min_characters=3
    )
    assert FormatRules.of_template(None) == FormatRules()


@pytest.mark.parametrize("rule", [True, {}, {"type": "string"}], ids=str)
def test_finds_an_empty_field_whatever_its_schema_says(rule):
    schema = {"type": "object", "properties": {"answer": rule}, "required": ["answer"]}
    assert codes(checked({"answer": "N/A"}, schema)) == ["empty"]
    assert checked({"answer": "Yes"}, schema).status == "accepted"


@pytest.mark.parametrize(
    "schema",
    [
        pytest.param({"type": "object"}, id="no properties"),
        pytest.param({"properties": {"answer": {"minLength": 1}}}, id="not required"),
        pytest.param({"required": ["answer"]}, id="required without a property"),
        pytest.param(
            {"$ref": "#/$defs/a", "$defs": {"a": {"required": ["answer"]}}}, id="a reference"
        ),
        pytest.param({"allOf": [{"required": ["answer"]}]}, id="parts"),
        pytest.param({}, id="nothing at all"),
    ],
)
def test_reads_any_schema_that_a_template_takes(schema):
    assert checked({"answer": "Yes"}, schema).status == "accepted"


@pytest.mark.parametrize(
    ("content", "size"),
    [
        pytest.param({}, 0, id="nothing"),
        pytest.param({"a": None, "b": 12345, "c": True}, 0, id="no text"),
        pytest.param({"a": "", "b": " "}, 1, id="a blank"),
        pytest.param({"answer": "茶叶"}, 2, id="Chinese"),
        pytest.param({"answer": "😀"}, 1, id="an emoji"),
        pytest.param({"answer": "👨‍👩‍👧"}, 5, id="an emoji of several"),
        pytest.param({"a": ["ab", {"b": "cd"}], "e": "f"}, 5, id="texts inside"),
        pytest.param({"long name of a field": "x"}, 1, id="names of fields"),
    ],
)
def test_counts_characters_as_people_do(content, size):
    rules = {"refuse_empty_fields": False}
    [finding] = checked(content, {}, min_characters=size + 1, **rules).findings
    assert (finding["value"], finding["limit"]) == (size, size + 1)
    exactly = {"min_characters": size, "max_characters": size}
    assert checked(content, {}, **exactly, **rules).status == "accepted"


@pytest.mark.parametrize(
    "content", [None, [], "text", 7, True, [{"answer": "Yes"}]], ids=lambda value: repr(value)
)
def test_a_record_is_an_object(content):
    record = checked(content, {})
    assert (record.status, codes(record)) == ("malformed", ["not_an_object"])


@pytest.mark.parametrize("status", ["duplicate", "rejected", "surplus", "malformed"])
def test_leaves_what_was_refused_before_as_it_is(status):
    record = Record(content={}, status=status, findings=[{"check": "parse", "code": "empty"}])
    check([record], SCHEMA, FormatRules(min_characters=100))
    assert (record.status, codes(record)) == (status, ["empty"])


def test_says_the_schema_first_and_nothing_else_with_it():
    record = checked({"answer": 5}, min_characters=100)
    assert codes(record) == ["schema"]


def test_says_everything_that_is_wrong_beside_the_schema():
    record = checked(
        {"answer": "N/A", "code": "hello world"},
        min_characters=100,
        code_fields={"code": "sql"},
    )
    assert codes(record) == ["empty", "too_short", "code"]


@pytest.mark.parametrize(
    ("content", "field", "value"),
    [
        pytest.param({"answer": "茶" * 60}, "answer", "zh", id="one long text"),
        pytest.param({"answer": "茶叶在春天采摘" * 2}, "", "zh", id="short texts together"),
        pytest.param(
            {"q": "Is tea old, and who has drunk it for the longest of times?", "a": "茶" * 60},
            "a",
            "zh",
            id="the second text",
        ),
        pytest.param({"turns": [{"text": "茶" * 60}]}, "turns[0].text", "zh", id="a text inside"),
    ],
)
def test_names_the_text_in_another_language(content, field, value):
    [finding] = checked(content, {}, expected_language="en").findings
    assert (finding["code"], finding["field"], finding["value"]) == ("language", field, value)
    assert finding["limit"] == "en"


def test_code_is_in_no_language():
    rules = {"expected_language": "zh", "code_fields": {"code": "python"}}
    content = {
        "text": "打印一个数字，然后换行。",
        "code": "print('the answer to it all is not this')",
    }
    assert checked(content, {}, **rules).status == "accepted"
