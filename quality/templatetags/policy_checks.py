from __future__ import annotations

from typing import Any

from django import template

from quality.models import PolicyCheck
from synthesis.models import Dataset

CHECKS_SHOWN = 5

register = template.Library()


@register.inclusion_tag("admin/quality/policycheck/card.html", takes_context=True)
def policy_check_card(context: Any, dataset: Dataset) -> dict[str, Any]:
    """List a dataset's latest policy checks, with the button for one more."""
    user = context["request"].user
    rows = PolicyCheck.objects.filter(dataset=dataset).select_related("version__policy", "job")
    can_view = user.has_perm("quality.view_policycheck")
    return {
        "dataset_id": str(dataset.pk),
        "checks": rows[:CHECKS_SHOWN] if can_view else [],
        "can_view": can_view,
        "can_start": user.has_perm("quality.add_policycheck"),
    }
