from __future__ import annotations

from quality.admin import (
    choices,
    content_rules,
    evaluations,
    judgements,
    policies,
    records,
    rubrics,
)

__all__ = [
    "choices",
    "content_rules",
    "evaluations",
    "judgements",
    "policies",
    "records",
    "rubrics",
]
