"""The panel beside a rubric: what a judge would be told, while it is being written."""

from __future__ import annotations

from typing import Any

from django.forms import ModelForm
from django.utils.translation import gettext as _

from quality import dimensions, judge
from quality.models import Rubric
from quality.record_cases import JOINED, case_of
from synthesis.admin.template_preview import estimated_tokens
from synthesis.models import Record


def preview(form: ModelForm) -> dict[str, Any]:
    """Build the messages of an unsaved form; its own problems come before them."""
    form.is_valid()
    rubric: Rubric = form.instance
    sentences = list(form.errors.get("dimensions", []))
    if sentences or dimensions.problems(rubric.dimensions):
        return {"problems": sentences, "sent": []}
    case = example(rubric)
    sent = judge.messages(rubric, judge.asked_of(rubric, [case]), [case], instruct=True)
    return {
        "problems": [],
        "sent": sent,
        "tokens": sum(estimated_tokens(message.content) for message in sent),
    }


def example(rubric: Rubric) -> judge.Case:
    """Take the newest record of the rubric's kind, else one that only shows its place."""
    records = Record.objects.accepted().select_related(*JOINED)
    if rubric.template_type:
        records = records.filter(run__template_version__template__type=rubric.template_type)
    record = records.order_by("-pk").first()
    if record is not None:
        return case_of(record)
    return judge.Case(
        content={_("field"): _("The record that is judged stands here.")},
        prompts=(_("The prompt that the record was written for stands here."),),
    )
