from __future__ import annotations

from quality.admin import (
    choices,
    content_rules,
    deduplications,
    evaluations,
    judgements,
    policies,
    policy_checks,
    records,
    rubrics,
)

__all__ = [
    "choices",
    "content_rules",
    "deduplications",
    "evaluations",
    "judgements",
    "policies",
    "policy_checks",
    "records",
    "rubrics",
]
