from __future__ import annotations

import pytest

from synthesis import schemas, source_prompts, templating, variables
from synthesis.models import PromptTemplate
from tests import factories

pytestmark = pytest.mark.any_database

ROW = {"question": "What is tea?", "marks": [1, 2], "count": 7}


def test_columns_and_the_text_are_variables_but_for_what_is_built_in():
    assert source_prompts.names(ROW) == ["question", "marks", "text"]
    assert source_prompts.names(["text", "document"]) == ["text", "document"]


def test_a_row_without_a_text_is_written_out():
    values = source_prompts.values(list(ROW), [ROW])
    assert values["text"] == "question: What is tea?\nmarks: 1, 2\ncount: 7"
    assert (values["question"], values["marks"]) == ("What is tea?", "1, 2")
    assert "count" not in values


def test_a_column_that_a_row_lacks_is_empty():
    assert source_prompts.values(["question", "answer"], [{"question": "?"}])["answer"] == ""


def test_braces_of_a_source_stay_text():
    values = source_prompts.values(["text"], [{"text": "{seed} {{count}} {text}"}])
    assert templating.render("<{text}>", values) == "<{seed} {{count}} {text}>"


def test_several_items_are_numbered():
    rows = [{"q": "tea"}, {"q": "rice"}]
    assert source_prompts.values(["q"], rows)["q"] == "1. tea\n2. rice"
    assert source_prompts.values(["q"], rows)["text"] == "1. q: tea\n2. q: rice"
    assert source_prompts.numbered(["a\nb", "c"]) == "1. a\nb\n\n2. c"


def test_the_source_wins_over_declared_variables_and_their_values():
    declared = [
        {"name": "question", "type": "text", "required": True},
        {"name": "n", "type": "list"},
    ]
    given = {"question": "mine", "n": ["x"]}
    assert source_prompts.resolve(declared, given, ["question"]) == {"n": ["x"]}
    with pytest.raises(variables.VariableError) as refused:
        source_prompts.resolve(declared, {"n": "x", "z": 1}, ["answer %s"])
    assert [problem.sentence for problem in refused.value.problems] == [
        "Give a value for question: the source has no column of this name."
        " It has {answer %s}, {text}.",
        "The template has no variable z.",
    ]


def test_of_very_many_columns_the_first_are_named():
    listed = source_prompts.in_braces([f"c{number}" for number in range(1000)])
    assert listed.endswith("{c28}, {c29}, …")


class TestNumbers:
    def test_the_schema_demands_the_number_first(self):
        schema = source_prompts.numbered_schema(factories.QA_SCHEMA, 3)
        assert list(schema["properties"]) == ["source_item", "question", "answer"]
        record = {"question": "?", "answer": "!"}
        check = schemas.validator(schema)
        assert check.is_valid({"source_item": 3, **record})
        assert not check.is_valid({"source_item": 4, **record})
        assert not check.is_valid(record)

    def test_the_prompt_says_what_to_number_in_its_language(self):
        for prompt, words in (
            ("Rewrite {text}", "consists of 2 numbered items. Write exactly 3 record(s)"),
            ("改写 {text}", "共有 2 条，均已编号。请为每一条恰好生成 3 条记录"),
        ):
            content = PromptTemplate(prompt=prompt, examples=[{"output": {"a": 1}}])
            asking = source_prompts.with_numbers(content, 2, 3)
            assert words in asking.prompt
            assert asking.examples == [{"output": {"source_item": 1, "a": 1}}]
            assert (content.prompt, content.examples) == (prompt, [{"output": {"a": 1}}])

    @pytest.mark.parametrize(
        ("given", "number"),
        [(1, 1), (3, 3), ("2", 2), (2.0, 2)]
        + [(wrong, None) for wrong in (0, 4, True, None, "x", 1.5, [1], "²", 10**400, "9" * 5000)],
    )
    def test_takes_the_number_out_of_a_record(self, given, number):
        content = {"source_item": given, "question": "?"}
        assert source_prompts.take_number(content, 3) == number
        assert content == {"question": "?"}


@pytest.mark.parametrize(
    ("columns", "names"),
    [
        ([], ["text"]),
        (["count", "seed", "avoid", "random_id"], ["text"]),
        (["a", "a", "text", "b"], ["a", "text", "b"]),
        (["问题", "_1st"], ["问题", "_1st", "text"]),
    ],
)
def test_each_variable_is_listed_once_and_built_in_ones_never(columns, names):
    assert source_prompts.names(columns) == names
    assert source_prompts.in_braces(columns) == ", ".join(f"{{{name}}}" for name in names)


def test_values_are_printed_as_any_other_variable():
    row = {"n": None, "yes": True, "half": 0.5, "whole": 2.0, "map": {"茶": [1]}, "list": ["茶", 1]}
    assert source_prompts.values(list(row), [row]) == {
        "n": "",
        "yes": "true",
        "half": "0.5",
        "whole": "2",
        "map": '{"茶": [1]}',
        "list": "茶、1",
        "text": 'n: \nyes: true\nhalf: 0.5\nwhole: 2\nmap: {"茶": [1]}\nlist: 茶、1',
    }


def test_a_text_of_its_own_is_not_written_over():
    row = {"text": "Tea.", "topic": "drinks"}
    assert source_prompts.values(list(row), [row]) == row


def test_an_item_without_a_value_keeps_its_number():
    rows = [{"q": "tea"}, {}, {"q": None}, {"q": "salt"}]
    assert source_prompts.values(["q"], rows)["q"] == "1. tea\n2. \n3. \n4. salt"


def test_one_item_is_not_numbered():
    assert source_prompts.values(["q"], [{"q": "1. tea"}])["q"] == "1. tea"


def test_a_value_for_a_column_is_no_value_too_many():
    assert source_prompts.resolve([], {"question": "mine", "text": "mine"}, ["question"]) == {}


@pytest.mark.parametrize("given", [None, [], "x"])
def test_values_that_are_no_object_are_refused_as_without_a_source(given):
    with pytest.raises(variables.VariableError):
        source_prompts.resolve([], given, ["question"])


class TestNumberedRecords:
    def test_a_schema_without_fields_asks_for_the_number_alone(self):
        assert source_prompts.numbered_schema({"type": "object"}, 2) == {
            "type": "object",
            "properties": {"source_item": {"type": "integer", "minimum": 1, "maximum": 2}},
            "required": ["source_item"],
        }

    def test_a_template_without_a_schema_gets_none(self):
        asking = source_prompts.with_numbers(PromptTemplate(prompt="Rewrite {text}"), 2, 1)
        assert asking.output_schema == PromptTemplate().output_schema

    @pytest.mark.parametrize("output", ["text", ["list"], None, 1])
    def test_an_example_that_is_no_object_stays_as_it_is(self, output):
        assert source_prompts.numbered_output(output) == output

    def test_the_instruction_holds_no_variable(self):
        for prompt in ("Rewrite {text}", "改写 {text}"):
            asking = source_prompts.with_numbers(PromptTemplate(prompt=prompt), 2, 1)
            assert templating.variables(asking.prompt) == ["text"]

    @pytest.mark.parametrize("given", [" 2 ", "2\n", 2, 2.0])
    def test_a_number_written_in_another_way_is_taken(self, given):
        assert source_prompts.take_number({"source_item": given}, 2) == 2

    @pytest.mark.parametrize(
        "given",
        ["02", "２", "+2", "2.0", "1, 2", "", -1, 3, 1e300, float("nan"), float("inf"), False, {}],
    )
    def test_whatever_names_no_item_is_none(self, given):
        assert source_prompts.take_number({"source_item": given}, 2) is None

    def test_a_record_without_a_number_keeps_its_fields(self):
        content = {"item": 1}
        assert source_prompts.take_number(content, 2) is None
        assert content == {"item": 1}
