"""What orders of background work on a dataset have in common."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from synthesis.errors import WrongStateError
from synthesis.models import Job


class DatasetJob(models.Model):
    """An order whose latest step is done by a background job, the only one that counts."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        COMPLETED = "completed", _("completed")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    job = models.OneToOneField(
        Job,
        models.SET_NULL,
        verbose_name=_("background job"),
        null=True,
        editable=False,
        related_name="+",
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("created by"),
        null=True,
        editable=False,
        related_name="+",
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        abstract = True
        ordering = ["-pk"]

    def cancel(self) -> None:
        """Stop working at it; what was changed so far stays.

        Errors: WrongStateError when it has ended.
        """
        if self.job is None:
            raise WrongStateError("wrong_state", self.state_label)
        self.job.cancel()

    @property
    def is_done(self) -> bool:
        """Whether the latest step has left what it should."""
        return self.job is not None and self.job.state == Job.State.DONE

    @property
    def is_open(self) -> bool:
        return not self.is_done and self.job is not None and self.job.is_open

    @property
    def status(self) -> str:
        """How the latest step stands. A job that ended without what it should leave has failed."""
        if self.is_done:
            return self.Status.COMPLETED
        if self.job is None or self.job.state == Job.State.DONE:
            return self.Status.FAILED
        return self.Status(self.job.state)

    @property
    def state(self) -> str:
        """The status as pages name it, step by step where there are several."""
        return self.status

    @property
    def state_label(self) -> str:
        return str(self.Status(self.status).label)

    @property
    def reason(self) -> str:
        """Why it failed, in the interface's language."""
        if self.status != self.Status.FAILED:
            return ""
        reason = self.job.reason if self.job else ""
        return reason or str(_("Its background job is gone. Start another one."))

    @property
    def progress_percent(self) -> int:
        if self.is_done:
            return 100
        return (self.job.progress_percent or 0) if self.job else 0
