"""What the API says of input that cannot be taken, by field and in the reader's language."""

from __future__ import annotations

from typing import Any

import pytest

from quality.models import ContentRule, QualityPolicy, Rubric
from tests import api, factories
from tests.factories import dimension

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

POLICIES, RULES, RUBRICS = "quality-policies/", "content-rules/", "rubrics/"
EVALUATIONS, REVIEW = "evaluations/", "records/{record}/review/"
NESTED = (
    "The expression takes too long on some texts: it has a repetition inside a repetition, such as"
    " (a+)+. Write it without that."
)
CASES: list[Any] = [
    pytest.param(
        POLICIES,
        {"minimum_score": 101},
        "Ensure this value is less than or equal to 100.",
        "请确保该值小于或者等于 100。",
        id="a score above 100",
    ),
    pytest.param(
        POLICIES,
        {"minimum_score": "nan"},
        "A valid number is required.",
        "请填写合法的数字。",
        id="a score that is no number",
    ),
    pytest.param(
        POLICIES,
        {"duplicate_threshold": 0.29},
        "Ensure this value is greater than or equal to 0.3.",
        "请确保该值大于或者等于 0.3。",
        id="a threshold that finds everything",
    ),
    pytest.param(
        POLICIES,
        {"judge_share": 0},
        "Ensure this value is greater than or equal to 1.",
        "请确保该值大于或者等于 1。",
        id="a judge for no record",
    ),
    pytest.param(
        POLICIES,
        {"records_per_judge_call": 21},
        "Ensure this value is less than or equal to 20.",
        "请确保该值小于或者等于 20。",
        id="too many records in a call",
    ),
    pytest.param(
        POLICIES,
        {"weights": {"beauty": 1}},
        "The weights are an object that gives parts of the score a number from 0 to 1000, not all"
        " of them 0. The parts are: completeness, length, repetition, diversity, readability,"
        " format.",
        None,
        id="a weight of no part",
    ),
    pytest.param(
        POLICIES,
        {"rules": [{"rule": "1", "action": "flag"}]},
        "Each rule is an object with rule and action: reject, flag or mask.",
        "每条规则是包含 rule 和 action（reject、flag 或 mask）的对象。",
        id="a rule by a text",
    ),
    pytest.param(
        POLICIES,
        {"rules": [{"rule": 10**30, "action": "flag"}]},
        "There is no content rule with the number 1000000000000000000000000000000.",
        "没有编号为 1000000000000000000000000000000 的内容规则。",
        id="a rule beyond any number",
    ),
    pytest.param(
        POLICIES,
        {"rubric": 99_999},
        'Invalid pk "99999" - object does not exist.',
        "无效主键 “99999” － 对象不存在。",
        id="no such rubric",
    ),
    pytest.param(
        POLICIES,
        {"name": " "},
        "This field may not be blank.",
        "该字段不能为空。",
        id="a blank name",
    ),
    pytest.param(
        RULES,
        {"words": []},
        "The word list is empty. Write one word a line.",
        "词表为空。请每行写一个词。",
        id="no words",
    ),
    pytest.param(
        RULES,
        {"kind": "expression", "expression": "("},
        "The expression cannot be read: missing ) at position 1",
        "无法识别这个表达式：missing ) at position 1",
        id="an expression that is none",
    ),
    pytest.param(
        RULES,
        {"kind": "expression", "expression": "a*"},
        "The expression fits the empty text, so it would be found in every record.",
        "这个表达式能匹配空文本，因此会命中每一条数据。",
        id="an expression that fits everything",
    ),
    pytest.param(
        RULES,
        {"kind": "expression", "expression": "(a+)+$"},
        NESTED,
        "这个表达式在某些文本上耗时过长：它在重复里又套了重复，例如 (a+)+。请换一种写法。",
        id="an expression that hangs",
    ),
    pytest.param(
        RULES,
        {"kind": "personal", "data_types": []},
        "Choose what to look for.",
        "请选择要查找的内容。",
        id="no kinds of data",
    ),
    pytest.param(
        RULES,
        {"kind": "language", "default_action": "mask"},
        "What this kind of rule finds cannot be masked.",
        "这类规则找到的内容无法遮盖。",
        id="a mask for a whole text",
    ),
    pytest.param(
        RULES,
        {"kind": "tea"},
        '"tea" is not a valid choice.',
        "“tea” 不是合法选项。",
        id="no such kind",
    ),
    pytest.param(
        RUBRICS,
        {"dimensions": []},
        "A rubric needs at least one dimension. Add one.",
        "评分标准至少需要一个维度，请添加。",
        id="no dimensions",
    ),
    pytest.param(
        RUBRICS,
        {"dimensions": [dimension(weight=-1)]},
        "Correctness: the weight must be a number from 0 to 100.",
        "Correctness：权重必须是 0 到 100 之间的数。",
        id="a weight below zero",
    ),
    pytest.param(
        RUBRICS,
        {"dimensions": [dimension(levels={"1": "Wrong."})]},
        "Correctness: describe at least two of the levels 1 to 5, or judges will not agree.",
        "Correctness：1 到 5 级中至少要说明两级，否则评审结果难以一致。",
        id="one level",
    ),
    pytest.param(
        RUBRICS,
        {"dimensions": [dimension(), dimension()]},
        "Two dimensions are called “Correctness”. Give each a name of its own.",
        "有两个维度都叫“Correctness”，请给每个维度不同的名称。",
        id="one name twice",
    ),
    pytest.param(
        RUBRICS,
        {"dimensions": [dimension(needs_source=True)]},
        "Every dimension with a weight needs a source text. Add one that any record can be judged"
        " by.",
        "所有有权重的维度都需要原文，请添加一个任何数据都能评审的维度。",
        id="nothing to judge without a source",
    ),
    pytest.param(
        RUBRICS,
        {"dimensions": [dimension(colour=1)]},
        "Correctness: it has fields that no dimension has.",
        "Correctness：含有维度所没有的字段。",
        id="a field that there is not",
    ),
    pytest.param(
        RUBRICS,
        {"dimensions": [dimension(name=" ")]},
        "Dimension 1 has no name.",
        "第 1 个维度没有名称。",
        id="a dimension without a name",
    ),
    pytest.param(
        RUBRICS,
        {"dimensions": [dimension()], "instructions": "x" * 8001},
        "Ensure this field has no more than 8000 characters.",
        "请确保这个字段不能超过 8000 个字符。",
        id="instructions without end",
    ),
    pytest.param(
        REVIEW,
        {"action": "reject", "note": " \u3000"},
        "Say why: whoever mends the template needs to know.",
        "请填写原因：改进模板的人需要知道。",
        id="a rejection without a reason",
    ),
    pytest.param(
        REVIEW,
        {"action": "approve", "note": "x" * 1001},
        "Ensure this field has no more than 1000 characters.",
        "请确保这个字段不能超过 1000 个字符。",
        id="a reason without end",
    ),
    pytest.param(
        REVIEW,
        {"action": "tea"},
        '"tea" is not a valid choice.',
        "“tea” 不是合法选项。",
        id="no such action",
    ),
    pytest.param(
        REVIEW,
        {"action": "assign", "assigned_to": "nobody"},
        "Object with username=nobody does not exist.",
        "属性 username 为 nobody 的对象不存在。",
        id="no such reviewer",
    ),
    pytest.param(
        EVALUATIONS,
        {"dataset": 99_999},
        'Invalid pk "99999" - object does not exist.',
        "无效主键 “99999” － 对象不存在。",
        id="no such dataset",
    ),
]


def answer(url: str, body: dict[str, Any], language: str) -> Any:
    if url == REVIEW:
        url = REVIEW.format(record=factories.records(1)[0].pk)
    named = {} if url.startswith(("records", "evaluations")) else {"name": "Ours"}
    client = api.editor(**{"accept-language": language})
    return client.post(f"/api/v1/{url}", {**named, **body})


def sentences(fields: dict[str, Any]) -> list[str]:
    return [sentence for listed in fields.values() for sentence in listed]


@pytest.mark.parametrize(("url", "body", "english", "_chinese"), CASES)
def test_says_in_english(url, body, english, _chinese):
    given = answer(url, body, "en")
    [field] = given.json()["fields"]
    assert (given.status_code, given.json()["code"]) == (400, "invalid")
    assert given.json()["detail"] == f"These fields need correction: {field}."
    assert (field in body, sentences(given.json()["fields"])) == (True, [english])


@pytest.mark.parametrize(("url", "body", "_english", "chinese"), CASES)
def test_says_in_chinese(url, body, _english, chinese):
    given = answer(url, body, "zh-hans")
    [field] = given.json()["fields"]
    assert given.json()["detail"] == f"以下字段需要更正：{field}。"
    [sentence] = sentences(given.json()["fields"])
    assert sentence == chinese if chinese else not sentence.isascii()


@pytest.mark.parametrize(
    ("url", "body"),
    [
        (POLICIES, '{"name": "Ours", "minimum_score": 1e999}'),
        (POLICIES, '{"name": "Ours", "minimum_score": NaN}'),
        (RULES, '{"name": "Ours", "words": ["a\\u0000b"]}'),
        (RUBRICS, '{"name": "\\ud800", "dimensions": []}'),
        (EVALUATIONS, '{"dataset": ' + "[" * 100 + "]" * 100 + "}"),
        (EVALUATIONS, '{"dataset": '),
        (EVALUATIONS, ""),
    ],
    ids=["infinite", "no number", "NUL", "half a pair", "nested", "cut off", "nothing"],
)
def test_refuses_what_no_database_stores(url, body):
    given = api.editor().post(f"/api/v1/{url}", body, content_type="application/json")
    assert (given.status_code, given.json()["code"] in {"parse_error", "invalid"}) == (400, True)


@pytest.mark.parametrize("body", [[], "text", 7, None, [{"name": "Ours"}]], ids=repr)
@pytest.mark.parametrize("url", [POLICIES, RULES, RUBRICS, EVALUATIONS])
def test_takes_one_object_and_nothing_else(url, body):
    assert api.editor().post(f"/api/v1/{url}", body).status_code == 400


def test_stores_nothing_of_what_it_refuses():
    for url, body in ((POLICIES, {"judge_share": 0}), (RULES, {}), (RUBRICS, {"dimensions": []})):
        assert answer(url, body, "en").status_code == 400
    assert not QualityPolicy.objects.exists()
    assert not ContentRule.objects.exists()
    assert not Rubric.objects.exists()
