from __future__ import annotations

from typing import Any

from django import template

from quality.models import DatasetIndex
from synthesis.models import Dataset

ORDERS_SHOWN = 5

register = template.Library()


@register.inclusion_tag("admin/quality/deduplication/card.html", takes_context=True)
def deduplication_card(context: Any, dataset: Dataset) -> dict[str, Any]:
    """List a dataset's latest deduplications, with the way to one more."""
    user = context["request"].user
    can_view = user.has_perm("quality.view_deduplication")
    orders = dataset.deduplications.select_related("job")
    return {
        "dataset": dataset,
        "orders": orders[:ORDERS_SHOWN] if can_view else [],
        "can_view": can_view,
        "is_indexed_anew": DatasetIndex.objects.unfinished().filter(dataset=dataset).exists(),
        "can_start": user.has_perm("quality.add_deduplication"),
    }
