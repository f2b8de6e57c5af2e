from __future__ import annotations

from quality.models.band import Band
from quality.models.choice import DatasetQuality, RunQuality, TaskQuality
from quality.models.content_rule import ContentRule
from quality.models.dataset_index import DatasetIndex
from quality.models.deduplication import Deduplication, Repeat
from quality.models.evaluation import Evaluation
from quality.models.judgement import Judgement
from quality.models.policy import PolicyVersion, QualityPolicy
from quality.models.policy_check import PolicyChange, PolicyCheck
from quality.models.review import ReviewEvent
from quality.models.rubric import Rubric, RubricVersion

__all__ = [
    "Band",
    "ContentRule",
    "DatasetIndex",
    "DatasetQuality",
    "Deduplication",
    "Evaluation",
    "Judgement",
    "PolicyChange",
    "PolicyCheck",
    "PolicyVersion",
    "QualityPolicy",
    "Repeat",
    "ReviewEvent",
    "Rubric",
    "RubricVersion",
    "RunQuality",
    "TaskQuality",
]
