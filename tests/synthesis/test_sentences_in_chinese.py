"""What a Chinese user reads when a template, a value or a record does not hold."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import translation

from quality import findings, validators
from synthesis import content_rules, errors, presets, schemas, templating, variables


@pytest.fixture(autouse=True)
def in_chinese() -> Iterator[None]:
    with translation.override("zh-hans"):
        yield


@pytest.mark.parametrize(
    ("declaration", "sentence"),
    [
        ({"type": "text"}, "每个变量必须是包含 name 和 type 的 JSON 对象。"),
        (
            {"name": "a b", "type": "text"},
            "a b 不能作为变量名：请使用字母、数字和下划线。",
        ),
        ({"name": "seed", "type": "integer"}, "seed 是内置变量，请换一个名称。"),
        ({"name": "主题", "type": "text", "hint": 1}, "主题 含有无效的键：hint。"),
        (
            {"name": "主题", "type": "文本"},
            "主题 的类型必须是以下之一：text, integer, number, choice, list, boolean。",
        ),
        (
            {"name": "主题", "type": "text", "required": 1},
            "主题 的 required 必须是 true 或 false。",
        ),
        ({"name": "主题", "type": "text", "description": []}, "主题 的描述必须是文本。"),
        (
            {"name": "主题", "type": "list", "choices": ["茶"]},
            "只有单选变量才有 choices，主题 不是。",
        ),
        (
            {"name": "难度", "type": "choice", "choices": ["易", "易"]},
            "难度 需要 choices：由互不相同的文本或数字组成的列表。",
        ),
        (
            {"name": "难度", "type": "choice", "choices": ["易"], "weights": [-1]},
            "难度 的每个选项都需要一个大于 0 的权重。",
        ),
    ],
)
def test_refuses_a_declaration(declaration: dict[str, Any], sentence: str) -> None:
    with pytest.raises(variables.VariableError) as raised:
        variables.check_declarations([declaration])
    assert str(raised.value) == sentence


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "请填写 主题 的值。"),
        ({"主题": "茶", "颜色": "红"}, "模板没有变量 颜色。"),
        ({"主题": "茶", "count": 3}, "不要填写 count：每个批次会自动设置。"),
        ([], "变量值必须是由变量名和值组成的 JSON 对象。"),
    ],
)
def test_refuses_the_values_of_a_task(given: Any, sentence: str) -> None:
    declared = [{"name": "主题", "type": "text", "required": True}]
    assert content_rules.task_problems(declared, given, {}) == {"values": [sentence]}


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"temperature": 3}, "temperature 必须是 0 到 2 之间的数字。"),
        ({"max_tokens": 0}, "max_tokens 必须是 1 到 1000000 之间的整数。"),
        ({"stop": "x"}, "stop 必须是最多 4 项的列表，每项为 1 到 200 个字符的文本。"),
        ([], '参数必须是 JSON 对象，例如 {"temperature": 0.7}。'),
    ],
)
def test_refuses_parameters(parameters: Any, sentence: str) -> None:
    with pytest.raises(presets.ParameterError) as raised:
        presets.check_parameters(parameters)
    assert str(raised.value) == sentence


@pytest.mark.parametrize(
    ("schema", "sentence"),
    [
        ([], "输出结构必须是 JSON 对象。"),
        ({"type": "array"}, "请描述单条数据而不是列表：输出结构的 type 必须是 object。"),
        ({}, "输出结构顶层的 type 必须是 object。"),
        (
            {"type": "object", "minProperties": 2, "maxProperties": 1},
            "没有数据能满足输出结构的 #：minProperties 大于 maxProperties。",
        ),
        (
            {"type": "object", "required": ["答"], "additionalProperties": False},
            "没有数据能满足输出结构的 #：答 既必填又被禁止。",
        ),
        (
            {"type": "object", "properties": {"a": {"pattern": "(a+)+"}}},
            "#/properties/a 的正则表达式嵌套了重复，请改写。",
        ),
        (
            {"type": "object", "properties": {"a": {"$ref": "x.json"}}},
            "#/properties/a 引用了 x.json；只能引用本结构的 #/$defs/…。",
        ),
        (
            {
                "type": "object",
                "properties": {"a": {"$ref": "#/$defs/x"}},
                "$defs": {"x": {"$ref": "#/$defs/x"}},
            },
            "输出结构的 #/$defs/x 包含自身。",
        ),
    ],
)
def test_refuses_a_schema(schema: Any, sentence: str) -> None:
    with pytest.raises(schemas.SchemaError) as raised:
        schemas.check(schema)
    assert str(raised.value) == sentence


@pytest.mark.parametrize(
    ("rule", "value", "sentence"),
    [
        ({"type": "string"}, 1, "$.a 的值是 1，类型必须是 string。"),
        ({"enum": ["易", "难"]}, "中", "$.a 的值是 中，必须是以下之一：易, 难。"),
        ({"const": "是"}, "否", "$.a 的值是 否，必须是 是。"),
        ({"minLength": 2}, "茶", "$.a 少于 2 个字符。"),
        ({"maxLength": 1}, "绿茶", "$.a 多于 1 个字符。"),
        ({"minItems": 1}, [], "$.a 少于 1 项。"),
        ({"maxItems": 1}, [1, 2], "$.a 多于 1 项。"),
        ({"uniqueItems": True}, [1, 1], "$.a 中有重复的项。"),
        ({"minimum": 1}, 0, "$.a 的值是 0，不能小于 1。"),
        ({"exclusiveMaximum": 1}, 1, "$.a 的值是 1，必须小于 1。"),
        ({"required": ["b"]}, {}, "$.a 缺少 b。"),
    ],
)
def test_says_what_is_wrong_with_a_record(rule: dict[str, Any], value: Any, sentence: str) -> None:
    schema = {"type": "object", "properties": {"a": rule}}
    finding = validators.form_finding({"a": value}, validators.compiled(json.dumps(schema)))
    assert finding is not None
    assert findings.sentence(finding) == f"数据不符合模板的输出结构。 {sentence}"


@pytest.mark.parametrize(
    ("finding", "sentence"),
    [
        ({"check": "parse", "code": "truncated"}, "回复被截断，数据不完整。"),
        ({"check": "parse", "code": "refused"}, "模型拒绝回答。"),
        ({"check": "parse", "code": "too_deep"}, "数据嵌套过深。"),
        ({"check": "schema", "code": "not_an_object"}, "数据不是 JSON 对象。"),
        ({"check": "duplicate", "code": "exact"}, "数据集中已有内容相同的数据。"),
        ({"check": "new", "code": "odd"}, "检查结果：new:odd。"),
    ],
)
def test_says_a_finding(finding: dict[str, str], sentence: str) -> None:
    assert findings.sentence(finding) == sentence


@pytest.mark.parametrize(
    ("code", "detail", "sentence"),
    [
        ("still_active", "", "任务仍在运行。请取消执行，或等待结束。"),
        ("no_model", "", "没有选择模型，也没有默认模型。请选择模型。"),
        ("never_ran", "", "任务尚未执行，请先开始执行。"),
        ("worker_running", "/data/{x}", "数据目录 /data/{x} 上已有工作进程在运行，请先停止它。"),
        ("wrong_state", "已完成", "执行状态为“已完成”时无法进行此操作。"),
    ],
)
def test_says_what_cannot_be_done_now(code: str, detail: str, sentence: str) -> None:
    assert str(errors.SynthesisError(code, detail)) == sentence


def test_asks_for_the_missing_values_of_a_prompt() -> None:
    with pytest.raises(templating.MissingVariableError) as raised:
        templating.render("{主题}和{难度}", {})
    assert str(raised.value) == "请填写以下变量的值：主题, 难度。"
