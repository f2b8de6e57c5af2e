from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from providers.models import LanguageModel
from synthesis import content_rules, source_rules
from synthesis.errors import TaskNotReadyError
from synthesis.models.dataset import Dataset
from synthesis.models.fields import OrderedJSONField
from synthesis.models.order import CALL_LIMITS, RECORD_LIMITS, GeneratingOrder
from synthesis.models.run import Run
from synthesis.models.source import Source
from synthesis.models.template import TemplateVersion
from synthesis.signals import task_cloned


class TaskQuerySet(models.QuerySet["SynthesisTask"]):
    def with_progress(self) -> TaskQuerySet:
        """Load what a list row shows in one query."""
        return self.select_related("template_version__template", "latest_run", "dataset", "source")


class SynthesisTask(GeneratingOrder):
    """The user's order: so many good records from this template into that dataset."""

    template_version = models.ForeignKey(
        TemplateVersion, models.PROTECT, verbose_name=_("template"), related_name="tasks"
    )
    values = OrderedJSONField(
        _("variable values"),
        default=dict,
        blank=True,
        help_text=_("A JSON object: a value for each variable of the template."),
    )
    target_count = models.PositiveIntegerField(
        _("records wanted"),
        default=100,
        validators=RECORD_LIMITS,
        help_text=_("How many good records the run delivers; exactly so many are accepted."),
    )
    language_models = models.ManyToManyField(
        LanguageModel, through="TaskModel", verbose_name=_("models"), related_name="tasks"
    )
    parameters = OrderedJSONField(
        _("parameters"),
        default=dict,
        blank=True,
        help_text=_("A JSON object that wins over the template's parameters."),
    )
    concurrency = models.PositiveIntegerField(
        _("concurrency"),
        default=8,
        validators=CALL_LIMITS,
        help_text=_("Calls in flight at once."),
    )
    dataset = models.ForeignKey(
        Dataset, models.PROTECT, verbose_name=_("output dataset"), related_name="tasks"
    )
    source = models.ForeignKey(
        Source,
        models.PROTECT,
        verbose_name=_("source"),
        null=True,
        blank=True,
        related_name="tasks",
        help_text=_("Rows or chunks that fill the prompt's variables. Empty: none."),
    )
    records_per_item = models.PositiveIntegerField(
        _("records per item"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(1000)],
        help_text=_(
            "Good records wanted from each row or chunk. Empty: the records wanted are spread"
            " evenly over the source."
        ),
    )
    items_per_call = models.PositiveIntegerField(
        _("items per call"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(50)],
        help_text=_("Rows or chunks that one prompt shows."),
    )
    category = models.OneToOneField(
        "synthesis.RatioCategory",
        models.CASCADE,
        verbose_name=_("category"),
        null=True,
        blank=True,
        editable=False,
        related_name="task",
    )
    latest_run = models.OneToOneField(
        "synthesis.Run",
        models.SET_NULL,
        verbose_name=_("latest run"),
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    objects = TaskQuerySet.as_manager()

    class Meta(GeneratingOrder.Meta):
        verbose_name = _("synthesis task")
        verbose_name_plural = _("synthesis tasks")

    def clean(self) -> None:
        super().clean()
        if self.template_version_id is None:
            return
        columns = self.source.columns if self.source else None
        problems = source_rules.problems(self) | content_rules.task_problems(
            self.template_version.variables, self.values, self.parameters, columns
        )
        if problems:
            raise ValidationError(problems)
        self.target_count = self.order_count()

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the task with its runs and their records.

        Errors: TaskNotReadyError while a run is active or paused.
        """
        if self.is_unfinished:
            raise TaskNotReadyError("still_active")
        self.check_independence()
        return super().delete(*args, **kwargs)

    def check_independence(self) -> None:
        """Refuse to do alone what the ratio task does for all of its categories.

        Errors: TaskNotReadyError.
        """
        if self.category is not None:
            raise TaskNotReadyError("part_of_ratio", self.category.ratio_task.name)

    def start(self, user: Any = None) -> Run:
        """Create a run and hand it to the engine.

        Errors: TaskNotReadyError when a run is still active, no model is chosen, or the
        task is a category's.
        """
        self.check_independence()
        return self.launch(user)

    def launch(self, user: Any = None) -> Run:
        """Create a run, of a category's task too. Errors: TaskNotReadyError."""
        with transaction.atomic():
            locked = SynthesisTask.objects.select_for_update().get(pk=self.pk)
            if locked.latest_run_id and locked.latest_run.is_unfinished:
                raise TaskNotReadyError("still_active")
            if self.source_id is not None:
                self.source = Source.objects.select_for_update().get(pk=self.source_id)
                self.check_source()
            self.latest_run = Run.plan(self, user)
            self.save(update_fields=["latest_run", "updated_at"])
        return self.latest_run

    def check_source(self) -> None:
        """Check the order against what the source is now. Errors: TaskNotReadyError."""
        try:
            self.clean()
        except ValidationError as error:
            raise TaskNotReadyError("source_not_ready", " ".join(error.messages)) from error

    def clone(self, user: Any = None) -> SynthesisTask:
        """Copy the order, not its runs; the copy is a draft with a dataset of its own."""
        mix = list(self.task_models.values_list("language_model_id", "weight"))
        with transaction.atomic():
            copy = self.copied(user, latest_run=None, category=None)
            copy.set_mix(dict(mix))
            task_cloned.send(sender=SynthesisTask, original=self, copy=copy)
        return copy

    def set_mix(self, weights: dict[int, int]) -> None:
        """Replace the models by those given, as language model id to weight."""
        with transaction.atomic():
            self.task_models.all().delete()
            TaskModel.objects.bulk_create(
                TaskModel(task=self, language_model_id=pk, weight=weight)
                for pk, weight in weights.items()
            )

    def mix(self) -> list[TaskModel]:
        """Return the chosen models, else the template's, else the default one.

        Errors: TaskNotReadyError when there is none, or one is switched off.
        """
        rows = list(self.task_models.select_related("language_model__provider"))
        if not rows:
            model = self.template_version.language_model or LanguageModel.objects.default()
            if model is None:
                raise TaskNotReadyError("no_model")
            rows = [TaskModel(task=self, language_model=model, weight=1)]
        for row in rows:
            if not (row.language_model.is_enabled and row.language_model.provider.is_enabled):
                raise TaskNotReadyError("model_disabled", str(row.language_model))
        return rows

    def order_count(self) -> int:
        """Count the records that a run will want, of what the source holds now."""
        if self.records_per_item is None or self.source is None:
            return self.target_count
        return self.source.item_count * self.records_per_item

    @property
    def status(self) -> str:
        return self.latest_run.status if self.latest_run else "draft"

    @property
    def status_label(self) -> str:
        return self.latest_run.get_status_display() if self.latest_run else str(_("draft"))

    @property
    def has_run(self) -> bool:
        return self.latest_run is not None

    @property
    def wanted(self) -> int:
        """Records that the latest run wants; before the first, that it will want."""
        return self.latest_run.target_count if self.latest_run else self.order_count()

    @property
    def accepted_count(self) -> int:
        return self.latest_run.accepted if self.latest_run else 0

    @property
    def progress_percent(self) -> int:
        return self.latest_run.progress_percent if self.latest_run else 0


class TaskModel(models.Model):
    """One model of a task's mix."""

    task = models.ForeignKey(SynthesisTask, models.CASCADE, related_name="task_models")
    language_model = models.ForeignKey(LanguageModel, models.PROTECT, verbose_name=_("model"))
    weight = models.PositiveIntegerField(
        _("weight"), default=1, validators=[MinValueValidator(1), MaxValueValidator(1000)]
    )

    class Meta:
        verbose_name = _("model of the mix")
        verbose_name_plural = _("models of the mix")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["task", "language_model"], name="model_once_per_task")
        ]

    def __str__(self) -> str:
        return f"{self.language_model} × {self.weight}"
