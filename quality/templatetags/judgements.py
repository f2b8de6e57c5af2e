"""What judges said about a record, for the record's page."""

from __future__ import annotations

from typing import Any

from django import template

from quality import judging
from quality.models import Judgement
from synthesis.models import Record

register = template.Library()
SHOWN = 10


@register.filter
def problem(judgement: Judgement) -> str:
    return judging.problem(judgement.error_code, judgement.error_detail)


@register.inclusion_tag("admin/quality/judgement/of_record.html")
def judgements(record: Record) -> dict[str, Any]:
    """Show the latest judgements of a record, newest first."""
    found = Judgement.objects.filter(record=record).select_related(
        "rubric_version__rubric", "language_model__provider"
    )
    return {"judgements": found[:SHOWN]}
