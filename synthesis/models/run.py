from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from synthesis import presets, reasons
from synthesis.errors import WrongStateError
from synthesis.models.dataset import Dataset
from synthesis.models.fields import OrderedJSONField
from synthesis.models.template import TemplateVersion

if TYPE_CHECKING:
    from synthesis.models.record import Record
    from synthesis.models.task import SynthesisTask


class RunQuerySet(models.QuerySet["Run"]):
    def active(self) -> RunQuerySet:
        return self.filter(status__in=Run.ACTIVE)


class Run(models.Model):
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
    RESUMABLE = (Status.PAUSED, Status.STALLED, Status.FAILED)
    COUNTERS = ("accepted", "duplicate", "malformed", "rejected", "surplus")

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
    seed = models.BigIntegerField(_("seed"))
    target_count = models.PositiveIntegerField(_("records wanted"))
    batch_size = models.PositiveIntegerField(_("batch size"))
    concurrency = models.PositiveIntegerField(_("concurrency"))
    max_attempts = models.PositiveIntegerField(_("attempts per call"))
    accepted = models.PositiveIntegerField(_("accepted"), default=0)
    duplicate = models.PositiveIntegerField(_("duplicate"), default=0)
    malformed = models.PositiveIntegerField(_("malformed"), default=0)
    rejected = models.PositiveIntegerField(_("rejected"), default=0)
    surplus = models.PositiveIntegerField(_("surplus"), default=0)
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
            target_count=task.target_count,
            batch_size=task.batch_size,
            concurrency=task.concurrency,
            max_attempts=task.max_attempts,
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
        """Take up a completed run again, to replace records that it has lost since.

        Errors: WrongStateError when it is not completed, or lacks nothing.
        """
        from synthesis import jobs

        with transaction.atomic():
            locked = Run.objects.select_for_update().get(pk=self.pk)
            if locked.is_full:
                raise WrongStateError("wrong_state", str(locked.get_status_display()))
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
            self._move(
                to=self.Status.CANCELLED,
                allowed=(*self.ACTIVE, *self.RESUMABLE),
                finished_at=timezone.now(),
            )
            self.batches.planned().abandon()

    def retry_failed(self) -> int:
        """Plan the failed batches again and go on; returns how many there were."""
        with transaction.atomic():
            locked = Run.objects.select_for_update().get(pk=self.pk)
            is_final = locked.status in (self.Status.COMPLETED, self.Status.CANCELLED)
            if is_final or locked.is_full:
                raise WrongStateError("wrong_state", str(locked.get_status_display()))
            count = self.batches.failed().replan()
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
                self.batches.planned().abandon()
        return bool(changed)

    def take_quota(self, records: Iterable[Record]) -> None:
        """Count new records by status; accepted ones beyond the target become surplus."""
        room = self._lock_room()
        counts: Counter[str] = Counter()
        for record in records:
            if record.status == "accepted" and counts["accepted"] >= room:
                record.status = "surplus"
            counts[record.status] += 1
        self._count(counts)

    def recount(self, before: str, record: Record) -> None:
        """Move one edited record from the status it had to the one it has now."""
        self.recount_all([(before, record)])

    def recount_all(self, changes: Iterable[tuple[str, Record]]) -> None:
        """Move records, each with the status it had; what the target has no room for is surplus."""
        moved = sorted(changes, key=lambda change: change[0] != "accepted")
        room = self._lock_room() + sum(before == "accepted" for before, _record in moved)
        for _before, record in moved:
            if record.status == "accepted":
                room -= 1
                if room < 0:
                    record.status = "surplus"
        old = Counter(before for before, _record in moved)
        new = Counter(record.status for _before, record in moved)
        self._count(new - old)
        self._count(old - new, sign=-1)

    def uncount(self, counts: Counter[str]) -> None:
        """Forget records that are deleted."""
        self._count(counts, sign=-1)

    def _lock_room(self) -> int:
        """Lock this row until the transaction ends; returns how many records it still wants."""
        locked = Run.objects.select_for_update().only("accepted", "target_count").get(pk=self.pk)
        return locked.target_count - locked.accepted

    def _count(self, counts: Counter[str], sign: int = 1) -> None:
        changes = {name: F(name) + sign * number for name, number in counts.items() if number}
        if changes:
            Run.objects.filter(pk=self.pk).update(**changes)

    # Queries

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
    def is_full(self) -> bool:
        return self.accepted >= self.target_count

    @property
    def lacks_records(self) -> bool:
        """A completed run lost records since: people rejected or deleted them."""
        return self.status == self.Status.COMPLETED and not self.is_full

    @property
    def lost_records(self) -> int:
        return self.target_count - self.accepted

    @property
    def progress_percent(self) -> int:
        return self.accepted * 100 // self.target_count

    @property
    def made(self) -> int:
        """Records that came back, whatever became of them."""
        return sum(getattr(self, name) for name in self.COUNTERS)

    @property
    def failed(self) -> int:
        """Records that came back and are no good, for whatever reason."""
        return self.duplicate + self.malformed + self.rejected

    @property
    def success_rate(self) -> float | None:
        """Share of the records made that are good, surplus ones too; None before the first."""
        return (self.made - self.failed) / self.made if self.made else None

    @property
    def reason(self) -> str:
        """Why the run stopped, in the interface's language; empty when it need not say."""
        return reasons.sentence(self.reason_code, self) if self.reason_code else ""
