from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from synthesis import reasons
from synthesis.errors import WrongStateError
from synthesis.models.fields import OrderedJSONField
from synthesis.models.worker import Worker


class JobQuerySet(models.QuerySet["Job"]):
    def open(self) -> JobQuerySet:
        return self.filter(state__in=Job.OPEN)

    def claimable(self) -> JobQuerySet:
        """Jobs that nobody works on: new ones, and those whose worker died."""
        return self.open().filter(worker=None)


class Job(models.Model):
    """Long work outside the runs: begun again from this row when its worker dies."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    OPEN = (State.WAITING, State.RUNNING)

    kind = models.CharField(_("kind"), max_length=40)
    arguments = OrderedJSONField(_("arguments"), default=dict, blank=True)
    state = models.CharField(_("status"), max_length=10, choices=State, default=State.WAITING)
    progress = models.PositiveBigIntegerField(_("progress"), default=0)
    total = models.PositiveBigIntegerField(_("total"), null=True)
    attempts = models.PositiveIntegerField(_("times begun"), default=0)
    reason_code = models.CharField(_("reason"), max_length=40, blank=True)
    reason_detail = models.TextField(_("reason in detail"), blank=True)
    worker = models.ForeignKey(
        Worker, models.SET_NULL, verbose_name=_("worker"), null=True, related_name="jobs"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("created by"),
        null=True,
        blank=True,
        related_name="+",
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    started_at = models.DateTimeField(_("started at"), null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("background job")
        verbose_name_plural = _("background jobs")
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["id"],
                condition=models.Q(state__in=("waiting", "running")),
                name="job_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    def cancel(self) -> None:
        """Stop it; whoever works on it notices with the next progress report.

        Errors: WrongStateError when it has ended.
        """
        changed = (
            Job.objects.filter(pk=self.pk)
            .open()
            .update(state=self.State.CANCELLED, ended_at=timezone.now())
        )
        self.refresh_from_db()
        if not changed:
            raise WrongStateError("wrong_state", str(self.get_state_display()))

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def progress_percent(self) -> int | None:
        """None while nobody knows how much there is to do."""
        if self.state == self.State.DONE:
            return 100
        return min(100, self.progress * 100 // self.total) if self.total else None

    @property
    def reason(self) -> str:
        """Why it failed, in the interface's language."""
        if not self.reason_code:
            return ""
        return reasons.sentence(self.reason_code, detail=self.reason_detail)
