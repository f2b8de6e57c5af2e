"""Which policy counts for the records at hand."""

from __future__ import annotations

from dataclasses import dataclass

from quality.likeness import DEFAULT_THRESHOLD
from quality.models import (
    DatasetQuality,
    PolicyVersion,
    QualityPolicy,
    RubricVersion,
    RunQuality,
    TaskQuality,
)
from quality.models.choice import OWN_THRESHOLDS
from quality.shelves import Rules
from synthesis.errors import TaskNotReadyError
from synthesis.models import Dataset, Run


@dataclass(frozen=True, kw_only=True)
class Effective:
    """A version of a policy, and the marks that a task set in its place."""

    policy: PolicyVersion  # not stored where there is no policy at all: its defaults count
    duplicate_threshold: float | None
    minimum_score: float
    judge_threshold: float
    rubric_version: RubricVersion | None = None  # none where nobody judges
    other_datasets: tuple[int, ...] = ()


def freeze(run: Run) -> RunQuality:
    """Keep what the run's task asks for now; later changes count for later runs.

    Errors: TaskNotReadyError when a judge is switched off.
    """
    wanted = TaskQuality.objects.select_related("policy").filter(task=run.task_id).first()
    policy = (wanted and wanted.policy) or QualityPolicy.objects.default()
    version = policy.latest_version if policy else None
    check_judges(version)
    others = wanted.other_datasets.order_by("pk").values_list("pk", flat=True) if wanted else ()
    return RunQuality.objects.create(
        run=run,
        version=version,
        rubric_version=rubric_of(version),
        other_datasets=list(others),
        **{name: getattr(wanted, name) for name in OWN_THRESHOLDS if wanted},
    )


def check_judges(version: PolicyVersion | None) -> None:
    """Refuse a judge that would not be called.

    Errors: TaskNotReadyError.
    """
    for model in (version.judge_model, version.second_judge_model) if version else ():
        if model is not None and not (model.is_enabled and model.provider.is_enabled):
            raise TaskNotReadyError("model_disabled", str(model))


def effective(dataset: Dataset, run: Run | None) -> Effective:
    """Return what counts for records of a run, or of a dataset without one.

    Cost: one query for a run, up to five without.
    """
    frozen = None
    if run is not None:
        frozen = (
            RunQuality.objects.select_related("version", "rubric_version").filter(run=run).first()
        )
    version = frozen.version if frozen else latest_of(dataset)
    policy = version or PolicyVersion()
    own = {name: getattr(policy, name) for name in OWN_THRESHOLDS}
    for name in OWN_THRESHOLDS:
        mark = getattr(frozen, name, None)
        own[name] = own[name] if mark is None else mark
    others = tuple(frozen.other_datasets) if frozen else ()
    rubric = frozen.rubric_version if frozen else rubric_of(version)
    return Effective(policy=policy, rubric_version=rubric, other_datasets=others, **own)


def rubric_of(version: PolicyVersion | None) -> RubricVersion | None:
    """Return what a policy's judge scores by now; nothing where it has no judge."""
    if version is None or version.judge_model_id is None or version.rubric is None:
        return None
    return version.rubric.latest_version


def duplicate_rules(wanted: Effective, run: Run | None) -> Rules:
    fields = run.template_version.compared_fields if run else ()
    return Rules(
        near=wanted.policy.near_duplicates,
        threshold=wanted.duplicate_threshold or DEFAULT_THRESHOLD,
        fields=tuple(fields) or None,
        also_datasets=wanted.other_datasets,
    )


def latest_of(dataset: Dataset) -> PolicyVersion | None:
    chosen = DatasetQuality.objects.select_related("policy").filter(dataset=dataset).first()
    policy = (chosen and chosen.policy) or QualityPolicy.objects.default()
    return policy.latest_version if policy else None
