"""What rows and chunks of a source give to a prompt, and how a reply names them.

A source's columns are variables, and text stands for a row as a whole where no column has that
name. They win over declared variables and lose to built-in ones. A prompt that shows several
items numbers them, and then each record of the reply has to say which one it was made from.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext

from synthesis import variables
from synthesis.templating import BUILT_IN, language, printed

if TYPE_CHECKING:
    from synthesis.models.template import PromptContent
    from synthesis.steps import Part

TEXT = "text"
NUMBER = "source_item"
MOST_LISTED = 30

_INSTRUCTIONS = {
    "en": (
        "The material above consists of %(items)d numbered items. Write exactly %(each)d record(s)"
        ' for each of them, and give every record the field "%(field)s" with the number of the'
        " item that it was made from."
    ),
    "zh": (
        "以上材料共有 %(items)d 条，均已编号。请为每一条恰好生成 %(each)d 条记录，"
        "并在每条记录中用字段 “%(field)s” 写明它所依据的材料编号。"
    ),
}


def names(columns: Iterable[str]) -> list[str]:
    """List the variables that a source with these columns fills."""
    return [name for name in dict.fromkeys([*columns, TEXT]) if name not in BUILT_IN]


def in_braces(columns: Iterable[str]) -> str:
    """List the variables of a source as a prompt uses them, of very many the first ones."""
    found = [f"{{{name}}}" for name in names(columns)]
    return ", ".join(found[:MOST_LISTED] + ["…"] * (len(found) > MOST_LISTED))


def resolve(
    declared: Sequence[Mapping[str, Any]],
    given: Mapping[str, Any],
    columns: Iterable[str] | None,
) -> dict[str, Any]:
    """Resolve the declared variables but for those that a source with these columns fills.

    Errors: VariableError.
    """
    if columns is None or not isinstance(given, Mapping):
        return variables.resolve(declared, given)
    filled = set(names(columns))
    left = [declaration for declaration in declared if declaration["name"] not in filled]
    kept = {name: value for name, value in given.items() if name not in filled}
    try:
        return variables.resolve(left, kept)
    except variables.VariableError as error:
        problems = [with_columns(problem, columns) for problem in error.problems]
        raise variables.VariableError(problems) from error


def with_columns(
    problem: variables.VariableProblem, columns: Iterable[str]
) -> variables.VariableProblem:
    """Say of a value that is missing which columns the source has in place of it."""
    if problem.code != "required":
        return problem
    sentence = gettext(
        "Give a value for %(name)s: the source has no column of this name. It has %(names)s."
    )
    facts = {"name": problem.name, "names": in_braces(columns)}
    return problem._replace(sentence=sentence % facts)


def values(columns: Iterable[str], rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Give every variable of the source its text: of the one row, or numbered of several."""
    full = [{TEXT: written(row), **row} for row in rows]
    if len(full) == 1:
        return {name: printed(full[0].get(name)) for name in names(columns)}
    return {name: numbered([printed(row.get(name)) for row in full]) for name in names(columns)}


def written(row: Mapping[str, Any]) -> str:
    """Write a row out, a line for each of its columns."""
    return "\n".join(f"{name}: {printed(value)}" for name, value in row.items())


def numbered(texts: Sequence[str]) -> str:
    between = "\n\n" if any("\n" in text for text in texts) else "\n"
    return between.join(f"{number}. {text}" for number, text in enumerate(texts, 1))


def with_numbers(content: PromptContent | Part, items: int, each: int) -> PromptContent | Part:
    """Return a copy of the content that asks for the number of an item in every record."""
    asking = copy.copy(content)
    words = _INSTRUCTIONS[language(content.prompt)]
    facts = {"items": items, "each": each, "field": NUMBER}
    asking.prompt = f"{content.prompt}\n\n{words % facts}"
    if content.output_schema:
        asking.output_schema = numbered_schema(content.output_schema, items)
    asking.examples = [
        {**example, "output": numbered_output(example["output"])} for example in content.examples
    ]
    return asking


def numbered_schema(schema: Mapping[str, Any], items: int) -> dict[str, Any]:
    number = {"type": "integer", "minimum": 1, "maximum": items}
    return {
        **schema,
        "properties": {NUMBER: number, **schema.get("properties", {})},
        "required": [NUMBER, *schema.get("required", [])],
    }


def numbered_output(output: Any) -> Any:
    return {NUMBER: 1, **output} if isinstance(output, Mapping) else output


def take_number(content: dict[str, Any], items: int) -> int | None:
    """Take the number of its item out of a record; None where it names none of them."""
    given = content.pop(NUMBER, None)
    if isinstance(given, str) and given.strip() in map(str, range(1, items + 1)):
        given = int(given)
    is_number = isinstance(given, int | float) and not isinstance(given, bool)
    return int(given) if is_number and given in range(1, items + 1) else None
