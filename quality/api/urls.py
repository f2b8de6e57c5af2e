from __future__ import annotations

from quality.api.content_rules import ContentRuleViewSet
from quality.api.deduplications import DeduplicationViewSet
from quality.api.evaluations import EvaluationViewSet
from quality.api.judgements import JudgementViewSet
from quality.api.policies import PolicyViewSet
from quality.api.policy_checks import PolicyCheckViewSet
from quality.api.reviews import ReviewedRecordViewSet
from quality.api.rubrics import RubricViewSet

ROUTES = (
    ("quality-policies", PolicyViewSet),
    ("policy-checks", PolicyCheckViewSet),
    ("content-rules", ContentRuleViewSet),
    ("rubrics", RubricViewSet),
    ("judgements", JudgementViewSet),
    # In place of those of synthesis, which know nothing of review.
    ("records", ReviewedRecordViewSet),
    ("evaluations", EvaluationViewSet),
    ("deduplications", DeduplicationViewSet),
)
