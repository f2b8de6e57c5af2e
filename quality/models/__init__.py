from __future__ import annotations

from quality.models.choice import DatasetQuality, RunQuality, TaskQuality
from quality.models.policy import PolicyVersion, QualityPolicy

__all__ = ["DatasetQuality", "PolicyVersion", "QualityPolicy", "RunQuality", "TaskQuality"]
