"""The panel beside a template: what would be sent, while it is being written."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from providers.models import LanguageModel
from synthesis import (
    content_rules,
    source_prompts,
    source_rules,
    steps,
    templating,
    trial,
    variables,
)
from synthesis.admin.task_variables import VariablesWidget
from synthesis.admin.template_trial import chosen
from synthesis.models import PromptTemplate, Source

PREFIX = "preview"
DEFAULT_COUNT = 3
MOST_RECORDS = 200
SEED = 1
REMARKS = {
    "undeclared": _("{%(name)s} is new; saving declares it as a required text."),
    "unused": _("%(name)s is declared, but no prompt uses it."),
    "spaced": _("{ %(name)s } with spaces stays plain text; write {%(name)s}."),
}
# One token for a Chinese, Japanese or Korean character, else one for four characters: within a
# third of what current tokenisers count, and good enough to see a prompt that is far too long.
WIDE = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]")
CHARACTERS_PER_TOKEN = 4


def draft(form: ModelForm) -> tuple[PromptTemplate, list[str]]:
    """Return the template of a posted form as far as it can be read, and what is wrong with it."""
    form.is_valid()
    template: PromptTemplate = form.instance
    for name, empty in (
        ("variables", []),
        ("output_schema", {}),
        ("examples", []),
        ("parameters", {}),
        ("code_fields", {}),
        ("compared_fields", []),
        ("steps", []),
    ):
        # Steps are about the fields of a schema; without it they cannot be shown.
        if name in form.errors or (name == "steps" and "output_schema" in form.errors):
            setattr(template, name, empty)
    sentences = [
        f"{form.fields[name].label}: {sentence}"
        for name in ("variables", "output_schema", "examples", "steps", "temperature")
        for sentence in form.errors.get(name, [])
    ]
    return template, sentences


def preview(form: ModelForm, posted: QueryDict, sources: QuerySet[Source]) -> dict[str, Any]:
    """Render an unsaved form with the values of the panel, missing ones left as they are."""
    template, errors = draft(form)
    filled, sentence = first_item(chosen(sources, posted.get(f"{PREFIX}_source")))
    errors += [sentence] * bool(sentence)
    # The form has declared already what the prompts use: the posted list says what is new.
    remarks = remarks_on(template, form.cleaned_data.get("variables", []))
    template.complete()
    widget = values_widget(template, filled)
    given = {
        name: value
        for name, value in widget.value_from_datadict(posted, {}, PREFIX).items()
        if value not in (None, "")
    }
    values, missing = forgiving_values(widget.declared, given, count_of(posted), filled)
    model = template.language_model or LanguageModel.objects.default()
    prepared, refusals = rendered(template, values, model)
    texts = [message.content for step in prepared for message in step.messages]
    return {
        "prepared": prepared,
        "language_model": model,
        "tokens": sum(map(estimated_tokens, texts)),
        "schema": json.dumps(template.output_schema, ensure_ascii=False, indent=2),
        "problems": [*errors, *missing, *refusals],
        "remarks": remarks,
        **inputs(widget, given, posted.get("preview_names", "")),
    }


def rendered(
    template: PromptTemplate, values: Mapping[str, Any], model: LanguageModel | None
) -> tuple[list[trial.Prepared], list[str]]:
    """Render all steps, or say why that cannot be."""
    try:
        return [
            trial.prepare(template, shown, model, step)
            for step, (_part, shown) in enumerate(steps.shown(template, values))
        ], []
    except templating.TemplatingError as error:
        return [], [str(error)]


def inputs(widget: VariablesWidget, given: Mapping[str, Any], shown: str) -> dict[str, Any]:
    """Render the inputs anew only when other variables are declared, so that none loses focus."""
    shape = [widget.declared, widget.filled]
    names = json.dumps(shape, ensure_ascii=False, sort_keys=True)
    html = None if shown == names else widget.render(PREFIX, given)
    return {"names": names, "values_html": html}


def first_item(source: Source | None) -> tuple[dict[str, str] | None, str]:
    """Return what a source fills, and why it cannot; nothing of either where none is chosen."""
    sentence = source_rules.not_ready(source) if source else ""
    return source.first_values() if source and not sentence else None, sentence


def values_widget(template: PromptTemplate, filled: Mapping[str, str] | None) -> VariablesWidget:
    widget = VariablesWidget()
    widget.filled = list(filled or ())
    widget.declared = [row for row in template.variables if row["name"] not in widget.filled]
    return widget


def forgiving_values(
    declared: Sequence[Mapping[str, Any]],
    given: Mapping[str, Any],
    count: int,
    filled: Mapping[str, str] | None = None,
) -> tuple[dict[str, Any], list[str]]:
    """Draw values where they are right; show the variable itself where they are not."""
    problems: list[str] = []
    bad: set[str] = set()
    try:
        resolved = source_prompts.resolve(declared, given, filled)
    except variables.VariableError as error:
        problems = [problem.sentence for problem in error.problems]
        bad = {problem.name for problem in error.problems}
        declared = [row for row in declared if row["name"] not in bad]
        resolved = variables.resolve(
            declared, {name: value for name, value in given.items() if name not in bad}
        )
    shown = {name: f"{{{name}}}" for name in bad}
    return {**shown, **trial.draw(declared, resolved, count, SEED), **(filled or {})}, problems


def remarks_on(template: PromptTemplate, declared: Sequence[Mapping[str, Any]]) -> list[str]:
    found = content_rules.remarks({**template.content(), "variables": declared})
    return [str(REMARKS[remark.code]) % {"name": remark.name} for remark in found]


def count_of(posted: Mapping[str, Any]) -> int:
    text = str(posted.get(f"{PREFIX}_count", ""))
    return min(max(int(text), 1), MOST_RECORDS) if text.isdecimal() else DEFAULT_COUNT


def estimated_tokens(text: str) -> int:
    wide = len(WIDE.findall(text))
    return wide + -(-(len(text) - wide) // CHARACTERS_PER_TOKEN)
