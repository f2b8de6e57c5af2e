from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from providers.models import LanguageModel, Provider
from synthesis.models.fields import OrderedJSONField
from synthesis.models.quota import Counted
from synthesis.models.run import Run
from synthesis.models.worker import Worker


class BatchQuerySet(models.QuerySet["Batch"]):
    def planned(self) -> BatchQuerySet:
        return self.filter(state=Batch.State.PLANNED)

    def failed(self) -> BatchQuerySet:
        return self.filter(state=Batch.State.FAILED)

    def making(self) -> BatchQuerySet:
        return self.filter(kind__in=Batch.MAKING)

    def open(self) -> BatchQuerySet:
        """Batches that may still bring records."""
        return self.filter(state__in=(Batch.State.PLANNED, Batch.State.RUNNING))

    def running(self) -> BatchQuerySet:
        return self.filter(state=Batch.State.RUNNING)

    def ended(self) -> BatchQuerySet:
        return self.filter(state__in=(Batch.State.DONE, Batch.State.FAILED))

    def of_no_use(self) -> BatchQuerySet:
        """Batches of ended runs; what is about records waits where the run may be resumed."""
        generating = Q(kind=Batch.Kind.GENERATE, run__status__in=Run.ENDED)
        return self.filter(generating | Q(run__status__in=Run.FINAL))

    def abandon(self) -> int:
        return self.update(state=Batch.State.CANCELLED)

    def replan(self) -> int:
        """Give failed batches a fresh set of attempts."""
        return self.update(
            state=Batch.State.PLANNED,
            attempts=0,
            throttles=0,
            not_before=None,
            ended_at=None,
            error_code="",
            error_detail="",
        )


class Batch(Counted):
    """One planned model call: it asks for a few records, or about some."""

    class Kind(models.TextChoices):
        GENERATE = "generate", _("generation")
        JUDGE = "judge", _("judgement")
        REPAIR = "repair", _("repair")
        STEP = "step", pgettext_lazy("of a template", "later step")

    MAKING = (Kind.GENERATE, Kind.STEP)  # what brings new records, if not by itself

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    run = models.ForeignKey(Run, models.CASCADE, verbose_name=_("run"), related_name="batches")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.GENERATE)
    index = models.PositiveIntegerField(_("index"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PLANNED)
    requested = models.PositiveIntegerField(_("records asked for"))
    subject = models.JSONField(
        _("subject"),
        default=list,
        blank=True,
        help_text=_("The records that the call is about; of a later step the draft's place."),
    )
    origin = models.ForeignKey(
        "self",
        models.CASCADE,
        verbose_name=_("first step"),
        null=True,
        blank=True,
        db_index=False,
        related_name="later_steps",
        help_text=_("The batch that began the draft; the record will be one of its own."),
    )
    step = models.PositiveSmallIntegerField(_("step"), default=0)
    items = models.JSONField(
        _("source items"),
        default=list,
        blank=True,
        help_text=_("The rows or chunks that the prompt shows."),
    )
    values = OrderedJSONField(_("drawn values"), default=dict)
    seed = models.BigIntegerField(_("seed"))
    language_model = models.ForeignKey(
        LanguageModel, models.PROTECT, verbose_name=_("model"), related_name="batches"
    )
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    throttles = models.PositiveIntegerField(_("times throttled"), default=0)
    not_before = models.DateTimeField(_("not before"), null=True, blank=True)
    worker = models.ForeignKey(
        Worker, models.SET_NULL, verbose_name=_("worker"), null=True, related_name="batches"
    )
    token = models.PositiveIntegerField(_("token"), default=0)
    error_code = models.CharField(_("error"), max_length=40, blank=True)
    error_detail = models.TextField(_("error in the vendor's words"), blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        ordering = ["run", "kind", "index"]
        constraints = [
            models.UniqueConstraint(fields=["run", "kind", "index"], name="one_batch_per_index")
        ]
        indexes = [
            models.Index(
                fields=["run", "-kind", "index"], condition=Q(state="planned"), name="batch_planned"
            ),
            models.Index(fields=["run", "state"], name="batch_state"),
            models.Index(fields=["run", "-ended_at"], name="batch_ended"),
            models.Index(
                fields=["origin", "step"], condition=Q(origin__isnull=False), name="batch_of_draft"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run} · {self.index}"


class Call(models.Model):
    """The ledger: every call that was started, what came back, and what it cost."""

    class State(models.TextChoices):
        STARTED = "started", _("in flight")
        STORED = "stored", _("answered")
        LATE = "late", _("answered too late")
        FAILED = "failed", _("failed")
        UNKNOWN = "unknown", _("unknown")

    ANSWERED = (State.STORED, State.LATE)

    run = models.ForeignKey(Run, models.CASCADE, verbose_name=_("run"), related_name="calls")
    batch = models.ForeignKey(Batch, models.CASCADE, verbose_name=_("batch"), related_name="calls")
    provider = models.ForeignKey(
        Provider, models.PROTECT, verbose_name=_("provider"), related_name="calls"
    )
    language_model = models.ForeignKey(
        LanguageModel, models.PROTECT, verbose_name=_("model"), related_name="calls"
    )
    worker = models.ForeignKey(
        Worker, models.SET_NULL, verbose_name=_("worker"), null=True, related_name="calls"
    )
    number = models.PositiveIntegerField(_("call of the batch"))
    token = models.PositiveIntegerField(_("token"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.STARTED)
    response = models.BinaryField(_("response"), null=True, editable=True)
    request_id = models.CharField(_("request id"), max_length=200, blank=True)
    status_code = models.PositiveIntegerField(_("HTTP status"), null=True)
    error_code = models.CharField(_("error"), max_length=40, blank=True)
    error_detail = models.TextField(_("error in the vendor's words"), blank=True)
    prompt_tokens = models.PositiveIntegerField(_("prompt tokens"), null=True)
    completion_tokens = models.PositiveIntegerField(_("completion tokens"), null=True)
    cost = models.DecimalField(_("cost"), max_digits=14, decimal_places=8, null=True)
    latency_seconds = models.FloatField(_("latency"), null=True)
    started_at = models.DateTimeField(_("started at"))
    ended_at = models.DateTimeField(_("ended at"), null=True)

    class Meta:
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["batch"], condition=Q(state="stored"), name="one_stored_response"
            )
        ]
        indexes = [
            models.Index(fields=["run", "state"], name="call_state"),
            models.Index(fields=["provider", "started_at"], name="call_pace"),
            models.Index(fields=["worker"], condition=Q(state="started"), name="call_in_flight"),
        ]

    def __str__(self) -> str:
        return f"{self.batch} · {self.number}"
