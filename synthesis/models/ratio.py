"""Orders split over categories: a ratio task, and the synthesis task of each category."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from synthesis.errors import TaskNotReadyError, WrongStateError
from synthesis.models.dataset import Dataset
from synthesis.models.names import STEM_CHARACTERS, unused_name
from synthesis.models.order import CALL_LIMITS, RECORD_LIMITS, GeneratingOrder
from synthesis.models.run import Run
from synthesis.models.task import SynthesisTask
from synthesis.models.template import TemplateVersion
from synthesis.signals import task_cloned

MOST_CATEGORIES = 100


@dataclass(frozen=True, kw_only=True)
class CategoryOrder:
    """What one category is to have; the mix is language model id to weight."""

    name: str
    share: Decimal
    count: int
    version: TemplateVersion
    values: dict[str, Any] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)
    mix: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Reach:
    """Which categories a command changed and which it left as they were."""

    changed: list[RatioCategory]
    unchanged: list[RatioCategory]


class RatioTaskQuerySet(models.QuerySet["RatioTask"]):
    def with_progress(self) -> RatioTaskQuerySet:
        """Load what a list row shows: the categories with their latest runs."""
        return self.select_related("dataset", "created_by").prefetch_related("categories")

    def of_status(self, status: str) -> RatioTaskQuerySet:
        """Keep the tasks whose status as a whole is this one."""
        if status == RatioTask.Status.DRAFT:
            return self.exclude(Exists(ran(Run.Status.values)))
        found = self
        for name, statuses in RatioTask.PRECEDENCE:
            if name == status:
                return found.filter(Exists(ran(statuses)))
            found = found.exclude(Exists(ran(statuses)))
        return self.none()


def ran(statuses: Iterable[str]) -> models.QuerySet[SynthesisTask]:
    """The tasks of an outer query's categories whose latest run has one of the statuses."""
    return SynthesisTask.objects.filter(
        category__ratio_task=OuterRef("pk"), latest_run__status__in=tuple(statuses)
    )


class RatioTask(GeneratingOrder):
    """An order of records of several categories in exact proportion."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        PENDING = "pending", _("waiting")
        RUNNING = "running", _("running")
        PAUSED = "paused", _("paused")
        COMPLETED = "completed", _("completed")
        STOPPED = "stopped", _("stopped")
        CANCELLED = "cancelled", _("cancelled")

    class Split(models.TextChoices):
        SHARES = "shares", _("by share")
        COUNTS = "counts", _("by count")

    # The first that any category's run is in names the whole; completed needs all of them.
    PRECEDENCE = (
        (Status.RUNNING, (Run.Status.RUNNING,)),
        (Status.PENDING, (Run.Status.PENDING,)),
        (Status.PAUSED, (Run.Status.PAUSED,)),
        (Status.STOPPED, (Run.Status.STALLED, Run.Status.FAILED)),
        (Status.CANCELLED, (Run.Status.CANCELLED,)),
        (Status.COMPLETED, (Run.Status.COMPLETED,)),
    )
    SHARED = (
        "seed",
        "batch_size",
        "concurrency",
        "max_attempts",
        "avoid_count",
        "example_count",
        "dataset",
        "output_format",
    )

    total = models.PositiveIntegerField(
        _("total"),
        default=100,
        validators=RECORD_LIMITS,
        help_text=_("Good records of all categories together."),
    )
    split = models.CharField(_("split"), max_length=10, choices=Split, default=Split.SHARES)
    dataset = models.ForeignKey(
        Dataset, models.PROTECT, verbose_name=_("output dataset"), related_name="ratio_tasks"
    )
    concurrency = models.PositiveIntegerField(
        _("concurrency"),
        default=8,
        validators=CALL_LIMITS,
        help_text=_("Calls in flight at once, over all categories."),
    )
    objects = RatioTaskQuerySet.as_manager()

    class Meta(GeneratingOrder.Meta):
        verbose_name = _("ratio task")
        verbose_name_plural = _("ratio tasks")

    # Mutators

    def arrange(self, orders: Iterable[CategoryOrder]) -> None:
        """Make the categories those ordered, each with its task; one that stays is kept.

        Errors: TaskNotReadyError once the task has run: its records belong to what ran.
        """
        with transaction.atomic():
            self.lock()
            former = {category.name: category for category in self.stored_categories()}
            if any(category.latest_run for category in former.values()):
                raise TaskNotReadyError("has_run")
            for position, order in enumerate(orders):
                category = former.pop(order.name, None) or RatioCategory(ratio_task=self)
                category.put(position, order)
            for category in former.values():
                category.delete()

    def start(self, user: Any = None) -> None:
        """Start a run of every category, or of none.

        Errors: TaskNotReadyError when one is still active, or a model cannot be used.
        """
        with transaction.atomic():
            self.lock()
            categories = list(self.stored_categories())
            if any(category.task.is_unfinished for category in categories):
                raise TaskNotReadyError("still_active")
            for category in categories:
                category.task.launch(user)

    def pause(self) -> Reach:
        return self._each(Run.pause)

    def resume(self) -> Reach:
        """Let all categories go on that stopped or are paused."""
        return self._each(Run.resume)

    def cancel(self) -> Reach:
        return self._each(Run.cancel)

    def retry_failed(self) -> Reach:
        """Try the failed batches of all categories again that still want records."""
        return self._each(Run.retry_failed)

    def top_up(self) -> Reach:
        """Replace the records that completed categories have lost since."""
        return self._each(Run.top_up)

    def _each(self, act: Callable[[Run], Any]) -> Reach:
        reach = Reach(changed=[], unchanged=[])
        with transaction.atomic():
            for category in self.stored_categories():
                if category.latest_run is None:
                    raise TaskNotReadyError("never_ran")
                try:
                    act(category.latest_run)
                except WrongStateError:
                    reach.unchanged.append(category)
                else:
                    reach.changed.append(category)
        if not reach.changed:
            raise WrongStateError("wrong_state", str(fresh(self).status_label))
        return reach

    def clone(self, user: Any = None) -> RatioTask:
        """Copy the order, not its runs; the copy is a draft with a dataset of its own."""
        with transaction.atomic():
            copy = self.copied(user)
            originals = {category.name: category for category in self.categories.all()}
            copy.arrange([category.order() for category in originals.values()])
            for category in copy.categories.all():
                original = originals[category.name].task
                task_cloned.send(sender=SynthesisTask, original=original, copy=category.task)
        return copy

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the task with its categories, their runs and records.

        Errors: TaskNotReadyError while a run is active or paused.
        """
        if any(category.task.is_unfinished for category in self.categories.all()):
            raise TaskNotReadyError("still_active")
        return super().delete(*args, **kwargs)

    def lock(self) -> None:
        """Serialise what concerns the categories together, until the transaction ends."""
        list(RatioTask.objects.select_for_update().filter(pk=self.pk).values_list("pk"))

    def stored_categories(self) -> models.QuerySet[RatioCategory]:
        """The categories as they are now, whatever was loaded with the task."""
        return RatioCategory.objects.filter(ratio_task=self)

    # Properties; they read the categories: load the task with_progress()

    @property
    def status(self) -> str:
        found = {
            category.latest_run.status for category in self.categories.all() if category.latest_run
        }
        for status, statuses in self.PRECEDENCE:
            if found.intersection(statuses):
                return str(status)
        return str(self.Status.DRAFT)

    @property
    def status_label(self) -> str:
        if self.status != self.Status.STOPPED:
            return str(self.Status(self.status).label)
        categories = self.categories.all()
        done = sum(category.status == Run.Status.COMPLETED for category in categories)
        text = gettext("stopped: %(done)s of %(all)s categories complete")
        return text % {"done": done, "all": len(categories)}

    @property
    def has_run(self) -> bool:
        return any(category.latest_run for category in self.categories.all())

    @property
    def wanted(self) -> int:
        return self.total

    @property
    def accepted_count(self) -> int:
        return self.counts["accepted"]

    @property
    def counts(self) -> dict[str, int]:
        """Sum up the latest runs of the categories."""
        runs = [category.latest_run for category in self.categories.all() if category.latest_run]
        return {name: sum(getattr(run, name) for run in runs) for name in Run.COUNTERS}

    @property
    def progress_percent(self) -> int:
        return self.accepted_count * 100 // self.total


class CategoryManager(models.Manager["RatioCategory"]):
    def get_queryset(self) -> models.QuerySet[RatioCategory]:
        return (
            super()
            .get_queryset()
            .select_related("task__latest_run", "task__template_version__template")
        )


class RatioCategory(models.Model):
    """One row of a ratio task; the rest of its order stands on its synthesis task."""

    ratio_task = models.ForeignKey(
        RatioTask, models.CASCADE, verbose_name=_("ratio task"), related_name="categories"
    )
    position = models.PositiveIntegerField(_("position"))
    name = models.CharField(_("category"), max_length=100)
    share = models.DecimalField(_("share"), max_digits=7, decimal_places=4)

    objects = CategoryManager()

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["ratio_task", "position"]
        constraints = [
            models.UniqueConstraint(fields=["ratio_task", "name"], name="category_once_per_task")
        ]

    def __str__(self) -> str:
        return f"{self.ratio_task} · {self.name}"

    def put(self, position: int, order: CategoryOrder) -> None:
        """Store an order on this row and its task."""
        whole, is_new = self.ratio_task, self.pk is None
        self.position, self.name, self.share = position, order.name, order.share
        self.save()
        task = SynthesisTask(category=self) if is_new else self.task
        title = f"{whole.name} · {self.name}"[:STEM_CHARACTERS]
        if is_new or not task.name.startswith(title):
            task.name = unused_name(SynthesisTask, title)
        for name in RatioTask.SHARED:
            setattr(task, name, getattr(whole, name))
        task.template_version, task.target_count = order.version, order.count
        task.values, task.parameters = order.values, order.parameters
        task.created_by = whole.created_by
        task.save()
        task.set_mix(order.mix)

    def order(self) -> CategoryOrder:
        task = self.task
        return CategoryOrder(
            name=self.name,
            share=self.share,
            count=task.target_count,
            version=task.template_version,
            values=task.values,
            parameters=task.parameters,
            mix=dict(task.task_models.values_list("language_model_id", "weight")),
        )

    @property
    def latest_run(self) -> Run | None:
        return self.task.latest_run

    @property
    def status(self) -> str:
        return self.task.status

    @property
    def count(self) -> int:
        return self.task.target_count


def fresh(task: RatioTask) -> RatioTask:
    """Load a task again, with its categories as they are now."""
    return RatioTask.objects.with_progress().get(pk=task.pk)
