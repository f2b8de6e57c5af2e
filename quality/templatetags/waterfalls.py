from __future__ import annotations

from typing import Any

from django import template

from quality import waterfall
from synthesis.models import Run

register = template.Library()


@register.inclusion_tag("admin/quality/waterfall.html")
def run_waterfall(run: Run | None) -> dict[str, Any]:
    return {"steps": waterfall.steps(run) if run and run.made else []}
