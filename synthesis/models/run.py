from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from synthesis import presets, reasons, source_prompts
from synthesis.errors import WrongStateError
from synthesis.models.dataset import Dataset
from synthesis.models.fields import OrderedJSONField
from synthesis.models.quota import Quota, Room
from synthesis.models.source import Source
from synthesis.models.template import TemplateVersion

if TYPE_CHECKING:
    from synthesis.models.task import SynthesisTask


class RunQuerySet(models.QuerySet["Run"]):
    def active(self) -> RunQuerySet:
        return self.filter(status__in=Run.ACTIVE)


class Run(Quota):
    """One execution of a task, with everything frozen that decides its outcome."""

    class Status(models.TextChoices):
        PENDING = "pending", _("waiting")
        RUNNING = "running", _("running")
        PAUSED = "paused", _("paused")
        COMPLETED = "completed", _("completed")
        STALLED = "stalled", _("stalled")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    ACTIVE = (Status.PENDING, Status.RUNNING)
    ENDED = (Status.COMPLETED, Status.STALLED, Status.FAILED, Status.CANCELLED)
    FINAL = (Status.COMPLETED, Status.CANCELLED)
    RESUMABLE = (Status.PAUSED, Status.STALLED, Status.FAILED)

    task = models.ForeignKey(
        "synthesis.SynthesisTask", models.CASCADE, verbose_name=_("task"), related_name="runs"
    )
    ratio_task = models.ForeignKey(
        "synthesis.RatioTask",
        models.CASCADE,
        verbose_name=_("ratio task"),
        null=True,
        blank=True,
        related_name="runs",
    )
    category = models.CharField(_("category"), max_length=100, blank=True)
    number = models.PositiveIntegerField(_("run"))
    status = models.CharField(
        _("status"), max_length=10, choices=Status, default=Status.PENDING, db_index=True
    )
    reason_code = models.CharField(_("reason"), max_length=40, blank=True)
    reason_detail = models.TextField(_("reason in the vendor's words"), blank=True)
    template_version = models.ForeignKey(
        TemplateVersion, models.PROTECT, verbose_name=_("template"), related_name="runs"
    )
    dataset = models.ForeignKey(
        Dataset, models.PROTECT, verbose_name=_("output dataset"), related_name="runs"
    )
    values = OrderedJSONField(_("variable values"), default=dict)
    parameters = OrderedJSONField(_("parameters"), default=dict)
    mix = models.JSONField(_("models"), default=list)
    source = models.ForeignKey(
        Source,
        models.PROTECT,
        verbose_name=_("source"),
        null=True,
        blank=True,
        related_name="runs",
    )
    items_per_call = models.PositiveIntegerField(_("items per call"), default=1)
    seed = models.BigIntegerField(_("seed"))
    batch_size = models.PositiveIntegerField(_("batch size"))
    concurrency = models.PositiveIntegerField(_("concurrency"))
    max_attempts = models.PositiveIntegerField(_("attempts per call"))
    avoid_count = models.PositiveSmallIntegerField(_("records to avoid"), default=0)
    example_count = models.PositiveSmallIntegerField(_("approved examples"), default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("created by"),
        null=True,
        blank=True,
        related_name="+",
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    resumed_at = models.DateTimeField(_("resumed at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["task", "number"], name="one_run_per_number"),
            models.CheckConstraint(
                condition=Q(accepted__lte=F("target_count")), name="never_more_than_the_target"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task} #{self.number}"

    # Factories

    @classmethod
    def plan(cls, task: SynthesisTask, user: Any = None) -> Run:
        """Freeze the task's settings into a new run and wake the engine.

        Errors: TaskNotReadyError when no usable model is chosen.
        """
        from synthesis import jobs

        version = task.template_version
        number = (task.runs.aggregate(latest=models.Max("number"))["latest"] or 0) + 1
        run = cls.objects.create(
            task=task,
            ratio_task_id=task.category.ratio_task_id if task.category else None,
            category=task.category.name if task.category else "",
            number=number,
            template_version=version,
            dataset=task.dataset,
            values=task.values,
            parameters=presets.effective(
                presets.PRESETS.get(version.preset, {}), version.parameters, task.parameters
            ),
            mix=[
                {
                    "language_model": row.language_model_id,
                    "name": str(row.language_model),
                    "weight": row.weight,
                }
                for row in task.mix()
            ],
            seed=task.seed + number - 1,
            source=task.source,
            records_per_item=task.records_per_item,
            items_per_call=task.items_per_call,
            target_count=task.order_count(),
            batch_size=task.batch_size,
            concurrency=task.concurrency,
            max_attempts=task.max_attempts,
            avoid_count=task.avoid_count,
            example_count=task.example_count,
            created_by=user,
        )
        jobs.wake()
        return run

    # Mutators: each is one conditional UPDATE, so that a double click does nothing twice

    def _move(self, *, to: str, allowed: Iterable[str], **fields: Any) -> None:
        changed = Run.objects.filter(pk=self.pk, status__in=tuple(allowed)).update(
            status=to, **fields
        )
        self.refresh_from_db()
        if not changed:
            raise WrongStateError("wrong_state", str(self.get_status_display()))

    def begin(self) -> None:
        """Mark a waiting run as running; the first worker that serves it does."""
        if self.status == self.Status.PENDING:
            Run.objects.filter(pk=self.pk, status=self.Status.PENDING).update(
                status=self.Status.RUNNING,
                started_at=Coalesce("started_at", timezone.now()),
            )
            self.refresh_from_db()

    def pause(self) -> None:
        self._move(to=self.Status.PAUSED, allowed=self.ACTIVE)

    def resume(self) -> None:
        """Go on; what stopped the run is forgotten, what was stored is kept."""
        from synthesis import jobs

        with transaction.atomic():
            self._move(
                to=self.Status.PENDING,
                allowed=self.RESUMABLE,
                reason_code="",
                reason_detail="",
                resumed_at=timezone.now(),
                finished_at=None,
            )
            jobs.wake()

    def top_up(self) -> None:
        """Replace records that a completed run has lost since: by surplus ones, then by new ones.

        Errors: WrongStateError when it is not completed, or lacks nothing.
        """
        from synthesis import jobs
        from synthesis.models.record import Record

        with transaction.atomic():
            self.dataset.lock()
            locked = Run.objects.select_for_update().get(pk=self.pk)
            if not locked.lacks_records:
                raise WrongStateError("wrong_state", str(locked.get_status_display()))
            Record.objects.take_surplus(locked)
            self.refresh_from_db()
            if not self.is_full:
                self._move(
                    to=self.Status.PENDING,
                    allowed=(self.Status.COMPLETED,),
                    resumed_at=timezone.now(),
                    finished_at=None,
                )
                jobs.wake()

    def cancel(self) -> None:
        """Start no more calls; records that were made, or are being paid for, stay."""
        with transaction.atomic():
            self.dataset.lock()
            self._move(
                to=self.Status.CANCELLED,
                allowed=(*self.ACTIVE, *self.RESUMABLE),
                finished_at=timezone.now(),
            )
            self.batches.planned().abandon()
            self.give_up_pending()

    def retry_failed(self) -> int:
        """Plan the failed batches again and go on; returns how many there were."""
        with transaction.atomic():
            locked = Run.objects.select_for_update().get(pk=self.pk)
            if locked.status in self.FINAL or locked.is_full:
                raise WrongStateError("wrong_state", str(locked.get_status_display()))
            failed = self.batches.failed()
            count = failed.count()
            if self.records_per_item is not None:
                # The plan asks anew for what items lack; asking twice would pay twice.
                failed.making().abandon()
            failed.replan()
            if locked.status in self.RESUMABLE:
                self.resume()
        return count

    def stop(self, status: str, code: str, detail: str = "") -> bool:
        """End an active run with a reason; False when something else ended it before."""
        with transaction.atomic():
            changed = Run.objects.filter(pk=self.pk, status__in=self.ACTIVE).update(
                status=status,
                reason_code=code,
                reason_detail=detail,
                finished_at=timezone.now(),
            )
            if changed:
                self.batches.planned().of_no_use().abandon()
        return bool(changed)

    def hold(self, code: str, detail: str) -> bool:
        """Pause an active run with a reason; its plan stays, and resuming goes on with it."""
        active = Run.objects.filter(pk=self.pk, status__in=self.ACTIVE)
        return bool(
            active.update(status=self.Status.PAUSED, reason_code=code, reason_detail=detail)
        )

    # Queries

    def room(self) -> Room:
        """Return what the run still wants, as far as its row here knows."""
        left = self.target_count - self.accepted
        if self.source is None or self.records_per_item is None:
            return Room(left)
        return Room(left, self.rooms_of(self.source.items.values_list("pk", flat=True)))

    def resolved_values(self) -> dict[str, Any]:
        """Give the template's variables their values, but for those that the source fills.

        Errors: VariableError.
        """
        columns = self.source.columns if self.source else None
        return source_prompts.resolve(self.template_version.variables, self.values, columns)

    def call_counts(self) -> dict[str, Any]:
        """Sum up the ledger: calls by outcome, retried calls, tokens and money."""
        from synthesis.models.batch import Call

        sums = self.calls.aggregate(
            calls=Count("pk"),
            answered=Count("pk", filter=Q(state__in=Call.ANSWERED)),
            failed=Count("pk", filter=Q(state=Call.State.FAILED)),
            unknown=Count("pk", filter=Q(state=Call.State.UNKNOWN)),
            in_flight=Count("pk", filter=Q(state=Call.State.STARTED)),
            retried=Count("pk", filter=Q(number__gt=1)),
            prompt_tokens=Sum("prompt_tokens", default=0),
            completion_tokens=Sum("completion_tokens", default=0),
        )
        sums["costs"] = {
            row["currency"]: row["cost"]
            for row in self.calls.filter(cost__isnull=False)
            .values(currency=F("language_model__currency"))
            .annotate(cost=Sum("cost"))
            .order_by("currency")
        }
        return sums

    def failure_counts(self) -> list[dict[str, Any]]:
        """Group the failed calls by error code, most frequent first."""
        from synthesis.models.batch import Call

        rows = (
            self.calls.filter(state=Call.State.FAILED)
            .values("error_code")
            .annotate(total=Count("pk"), example=models.Max("error_detail"))
            .order_by("-total", "error_code")
        )
        return [{**row, "advice": reasons.sentence(row["error_code"])} for row in rows]

    # Properties

    @property
    def is_active(self) -> bool:
        return self.status in self.ACTIVE

    @property
    def is_unfinished(self) -> bool:
        return self.status not in self.ENDED

    @property
    def lacks_records(self) -> bool:
        """A completed run lost records since: people rejected or deleted them."""
        return self.status == self.Status.COMPLETED and not self.is_full

    @property
    def lost_records(self) -> int:
        return self.target_count - self.accepted

    @property
    def reason(self) -> str:
        """Why the run stopped, in the interface's language; empty when it need not say."""
        return reasons.sentence(self.reason_code, self) if self.reason_code else ""
