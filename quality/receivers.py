"""Answer synthesis: whatever is about to be saved is judged first."""

from __future__ import annotations

from typing import Any

from quality import checks, dedup, policies, renewal, rule_starters, starters
from quality.models import DatasetIndex, ReviewEvent, TaskQuality
from synthesis.models import Dataset, Record, Run, SynthesisTask


def judge(
    sender: type[Record], records: list[Record], dataset: Dataset, run: Run | None, **_kwargs: Any
) -> None:
    """Let every check look at records that are about to be stored."""
    checks.run_all(records, dataset, run)


def enter_index(
    sender: type[Record], records: list[Record], dataset: Dataset, created: bool, **_kwargs: Any
) -> None:
    """Let later records find these."""
    dedup.enter_index(records, dataset, created=created)


def begin_index(
    sender: type[Dataset], instance: Dataset, created: bool, raw: bool, **_kwargs: Any
) -> None:
    """Note that all of a new dataset is indexed as this version does it."""
    if created and not raw:
        DatasetIndex.begin(instance)


def renew_indexes(sender: type, **_kwargs: Any) -> None:
    renewal.order()


def freeze_policy(sender: type[Run], instance: Run, created: bool, **_kwargs: Any) -> None:
    """Keep with a new run what its task asks of records."""
    if created:
        policies.freeze(instance)


def copy_policy(
    sender: type[SynthesisTask], original: SynthesisTask, copy: SynthesisTask, **_kwargs: Any
) -> None:
    """Let the copy of a task ask the same of its records."""
    wanted = TaskQuality.objects.filter(task=original).first()
    if wanted is None:
        return
    others = list(wanted.other_datasets.all())
    wanted.pk, wanted.task = None, copy
    wanted._state.adding = True
    wanted.save()
    wanted.other_datasets.set(others)


def add_starters(sender: type, **_kwargs: Any) -> None:
    starters.add_rubrics()
    rule_starters.add()
    starters.add()


def note_edit(sender: type[Record], record: Record, before: Any, user: Any, **_kwargs: Any) -> None:
    """Keep what a person changed, with the content from before."""
    ReviewEvent.note_edit(record, before, user)
