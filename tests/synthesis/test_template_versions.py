from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from synthesis.models import PromptTemplate, SynthesisTask
from tests import factories

pytestmark = pytest.mark.django_db

GUIDE_PROMPT = """你是一个专业的数据生成助手。请根据以下要求生成数据：

任务：生成问答对
主题：{topic}
数量：{count}
难度：{difficulty}

输出格式：JSON
[
  {
    "question": "...",
    "answer": "..."
  }
]
"""


def test_keeps_a_version_for_every_changed_content():
    row = factories.template()
    row.prompt += " Be brief."
    row.save()
    assert [version.number for version in row.versions.all()] == [2, 1]
    assert row.latest_version.prompt.endswith("Be brief.")


def test_makes_no_version_for_a_new_name():
    row = factories.template()
    row.name += " renamed"
    row.save()
    assert row.versions.count() == 1


def test_restores_an_older_version_as_the_newest():
    row = factories.template()
    first = row.latest_version
    row.prompt = "Other words about {topic}."
    row.save()
    row.restore(first)
    assert (row.latest_version.number, row.prompt) == (3, first.prompt)


def test_leaves_a_task_the_version_it_was_made_with():
    row = factories.template()
    task = factories.task(template=row)
    row.prompt += " Be brief."
    row.save()
    assert SynthesisTask.objects.get(pk=task.pk).template_version.number == 1


def test_declares_the_variables_of_the_guides_prompt_and_reads_its_schema():
    row = PromptTemplate(name="guide", prompt=GUIDE_PROMPT)
    row.full_clean()
    assert [entry["name"] for entry in row.variables] == ["topic", "difficulty"]
    assert list(row.output_schema["properties"]) == ["question", "answer"]


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"prompt": "  "}, "prompt", "The prompt is empty."),
        ({"output_schema": {"type": "array"}}, "output_schema", "object"),
        ({"examples": [{"input": "x"}]}, "examples", "output"),
        ({"parameters": {"temperature": 9}}, "parameters", "temperature must be a number from 0"),
        ({"variables": [{"name": "not a name"}]}, "variables", "not a name"),
    ],
)
def test_refuses_content_that_cannot_work(fields, field, words):
    row = PromptTemplate(**{"name": "bad", "prompt": "Words.", **fields})
    with pytest.raises(ValidationError) as caught:
        row.full_clean()
    assert words in " ".join(caught.value.message_dict[field])


@pytest.mark.parametrize(
    ("prompt", "declared", "words"),
    [
        # 100 declared, which is the limit, and the one that the prompt uses
        ("About {topic}.", 100, "at most 100"),
        # A name may have 64 characters.
        (f"About {{{'t' * 65}}}.", 0, "t" * 64),
    ],
)
def test_refuses_what_the_prompt_itself_brings_in(prompt, declared, words):
    variables = [{"name": f"v{number}", "type": "text"} for number in range(declared)]
    row = PromptTemplate(name="bad", prompt=prompt, variables=variables)
    with pytest.raises(ValidationError) as caught:
        row.full_clean()
    assert words in " ".join(caught.value.message_dict["variables"])


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"values": {"topic": ""}, "template": "required"}, "values", "topic"),
        ({"values": {"colour": "red"}}, "values", "colour"),
        ({"parameters": {"warmth": 1}}, "parameters", "There is no parameter warmth"),
        ({"target_count": 0}, "target_count", "greater than or equal to 1"),
    ],
)
def test_refuses_an_order_that_cannot_run(fields, field, words):
    if fields.pop("template", None):
        fields["template"] = factories.template(
            variables=[{"name": "topic", "type": "text", "required": True}]
        )
    with pytest.raises(ValidationError) as caught:
        factories.task(**fields)
    assert words in " ".join(caught.value.message_dict[field])
