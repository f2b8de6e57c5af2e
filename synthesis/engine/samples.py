"""What prompts show of the dataset: records not to repeat, and approved ones as examples.

A batch is given its sample when it is claimed, for it is planned before there are records,
and keeps it: what is sent again after a crash is the same, and pages show what was sent.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Max, Min, QuerySet

from synthesis import steps, templating
from synthesis.models import Batch, Record, Run
from synthesis.models.bulk import update_each
from synthesis.models.template import PromptContent

AVOID = "avoid"
APPROVED = "approved examples"  # no name of a variable, so that none can be called like it
POOL_RECORDS = 200
SEEKS = 10
AVOIDED_CHARACTERS = 120
EXAMPLE_CHARACTERS = 4000

_INSTRUCTIONS = {
    "en": "These exist already. Do not repeat or rephrase them, and cover something else:",
    "zh": "以下内容已经存在，请不要重复或改写，换一些不同的内容：",
}


def choose(run: Run, batches: Sequence[Batch]) -> None:
    """Give new batches their samples, drawn with their seeds; no query where none is wanted.

    Cost: up to 12 short queries for each kind of sample, whatever the dataset's size.
    """
    if not run.avoid_count and not run.example_count:
        return
    new = [
        batch
        for batch in batches
        if batch.kind == Batch.Kind.GENERATE and AVOID not in batch.values
    ]
    if not new:
        return
    accepted = Record.objects.accepted().filter(dataset=run.dataset_id)
    seed = new[0].seed
    lines = avoidable(run, pool(accepted, seed)) if run.avoid_count else []
    fitting = exemplary(run, pool(accepted.approved(), seed)) if run.example_count else []
    for batch in new:
        rng = random.Random(f"{batch.seed}:samples")  # noqa: S311  reproducible, not secret
        chosen = rng.sample(lines, min(run.avoid_count, len(lines)))
        shown = rng.sample(fitting, min(run.example_count, len(fitting)))
        avoided = "\n".join(f"- {line}" for line in chosen)
        batch.values = {**batch.values, AVOID: avoided, APPROVED: shown}
    update_each(new, ["values"])


def pool(records: QuerySet[Record], seed: int) -> list[dict[str, Any]]:
    """Return contents to sample from: all of a few records, else short stretches of many."""
    ends = records.order_by().aggregate(first=Min("pk"), last=Max("pk"))
    if ends["first"] is None:
        return []
    rng = random.Random(f"{seed}:pool")  # noqa: S311  reproducible, not secret
    starts = [ends["first"]]
    if ends["last"] - ends["first"] >= POOL_RECORDS:
        starts = [rng.randint(ends["first"], ends["last"]) for _seek in range(SEEKS)]
    found: dict[int, dict[str, Any]] = {}
    for start in starts:
        stretch = records.filter(pk__gte=start).order_by("pk").values_list("pk", "content")
        found.update(stretch[: POOL_RECORDS // len(starts)])
    return [content for content in found.values() if isinstance(content, dict) and content]


def avoidable(run: Run, contents: Sequence[Mapping[str, Any]]) -> list[str]:
    """Write each content as one short line: what makes it a duplicate, else its first field."""
    compared = run.template_version.compared_fields
    lines = []
    for content in contents:
        names = [name for name in compared if name in content] or list(content)[:1]
        text = " / ".join(templating.printed(content[name]) for name in names)
        lines.append(" ".join(text.split())[:AVOIDED_CHARACTERS])
    return list(dict.fromkeys(filter(None, lines)))


def exemplary(run: Run, contents: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Keep the contents that are records of this template, and not too long to be shown."""
    schema = run.template_version.output_schema
    names = {*schema.get("required", ())} or {*schema.get("properties", ())}
    return [
        content
        for content in contents
        if names <= content.keys() and len(templating.printed(content)) <= EXAMPLE_CHARACTERS
    ]


def instruction(
    content: PromptContent | steps.Part, values: Mapping[str, Any], language: str
) -> str:
    """Say what is to be avoided at the end of a prompt that does not say it itself."""
    used = templating.variables(f"{content.system_prompt}\n{content.prompt}")
    if not values[AVOID] or AVOID in used:
        return ""
    return f"\n\n{_INSTRUCTIONS[language]}\n{values[AVOID]}"


def examples(
    content: PromptContent | steps.Part, values: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return the approved records of a batch as few-shot examples of one step."""
    given = [{"output": output} for output in values.get(APPROVED, ())]
    if not isinstance(content, steps.Part):
        return given
    names = list(content.output_schema["properties"])
    return list(steps.part_examples(given, content.earlier, names))
