"""Runs whose policy has a judge."""

from __future__ import annotations

from typing import Any

from providers.models import LanguageModel
from quality.models import QualityPolicy, TaskQuality
from synthesis.models import SynthesisTask
from tests import factories


def policy(*judges: LanguageModel, **fields: Any) -> QualityPolicy:
    first, second = (*judges, None, None)[:2]
    fields.setdefault("rubric", None)
    fields["rubric"] = fields["rubric"] or factories.rubric()
    row = QualityPolicy(
        name=f"Policy {next(factories.numbers)}",
        judge_model=first,
        second_judge_model=second,
        **fields,
    )
    row.full_clean()
    row.save()
    return row


def task(of_policy: QualityPolicy, *models: LanguageModel, **fields: Any) -> SynthesisTask:
    row = factories.task(*models, **fields)
    TaskQuality.objects.create(task=row, policy=of_policy)
    return row
