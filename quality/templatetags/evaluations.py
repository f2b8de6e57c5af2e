from __future__ import annotations

from typing import Any

from django import template

from quality.models import Evaluation
from synthesis.models import Dataset

EVALUATIONS_SHOWN = 5

register = template.Library()


@register.filter
def svg_width(share: float) -> str:
    """Return a share of 1 as a width of 100, whatever the language's decimal mark."""
    return f"{min(1.0, max(0.0, share)) * 100:.1f}"


@register.inclusion_tag("admin/quality/evaluation/card.html", takes_context=True)
def evaluation_card(context: Any, dataset: Dataset) -> dict[str, Any]:
    """List a dataset's latest evaluations, with the button for one more."""
    user = context["request"].user
    rows = Evaluation.objects.filter(dataset=dataset).select_related("job").without_report()
    can_view = user.has_perm("quality.view_evaluation")
    return {
        "dataset": dataset,
        "evaluations": rows[:EVALUATIONS_SHOWN] if can_view else [],
        "can_view": can_view,
        "can_start": user.has_perm("quality.add_evaluation"),
        "csrf_token": context.get("csrf_token"),
    }
