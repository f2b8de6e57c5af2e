from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Case, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from synthesis import jobs
from synthesis.errors import WrongStateError
from synthesis.models import Dataset, Job
from synthesis.models.fields import OrderedJSONField

KIND = "evaluate"


class EvaluationQuerySet(QuerySet["Evaluation"]):
    def completed(self) -> EvaluationQuerySet:
        return self.filter(report__isnull=False)

    def with_state(self) -> EvaluationQuerySet:
        """Annotate found_state, which is what the property state says."""
        states = [
            When(job__state=name, then=Value(state)) for name, state in Evaluation.OF_JOB.items()
        ]
        return self.annotate(
            found_state=Case(
                When(report__isnull=False, then=Value(Evaluation.State.COMPLETED)),
                *states,
                default=Value(Evaluation.State.FAILED),
            )
        )

    def without_report(self) -> EvaluationQuerySet:
        """Leave the report in the database; lists need no more than the state."""
        return self.with_state().defer("report")


class Evaluation(models.Model):
    """A report on a dataset: asked for, worked at, and kept as it was found."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        COMPLETED = "completed", _("completed")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    # A job that is done without having stored a report has failed, whatever it says.
    OF_JOB = {
        Job.State.WAITING: State.WAITING,
        Job.State.RUNNING: State.RUNNING,
        Job.State.DONE: State.FAILED,
        Job.State.FAILED: State.FAILED,
        Job.State.CANCELLED: State.CANCELLED,
    }

    dataset = models.ForeignKey(
        Dataset, models.CASCADE, verbose_name=_("dataset"), related_name="evaluations"
    )
    field = models.CharField(
        _("category field"),
        max_length=200,
        blank=True,
        help_text=_("Whose values should be balanced. Empty: found by its name."),
    )
    job = models.OneToOneField(
        Job,
        models.SET_NULL,
        verbose_name=_("background job"),
        null=True,
        editable=False,
        related_name="evaluation",
    )
    report = OrderedJSONField(_("report"), null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("created by"),
        null=True,
        editable=False,
        related_name="+",
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    found_state: str  # of the queryset's with_state

    objects = EvaluationQuerySet.as_manager()

    class Meta:
        verbose_name = _("evaluation")
        verbose_name_plural = _("evaluations")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.dataset} · {_('evaluation')} {self.pk}"

    @classmethod
    def start(cls, dataset: Dataset, *, field: str = "", user: Any = None) -> Evaluation:
        """Ask for a report."""
        evaluation = cls(dataset=dataset, field=field, created_by=user)
        evaluation.begin()
        return evaluation

    def begin(self) -> None:
        """Store a new evaluation with the background job that will make its report."""
        with transaction.atomic():
            self.save()
            self.job = jobs.submit(KIND, {"evaluation": self.pk}, user=self.created_by)
            self.save(update_fields=["job"])

    def store(self, report: dict[str, Any]) -> None:
        self.report = report
        self.save(update_fields=["report"])

    def cancel(self) -> None:
        """Stop working at it.

        Errors: WrongStateError when it has ended.
        """
        if self.job is None:
            raise WrongStateError("wrong_state", str(self.state_label))
        self.job.cancel()

    @property
    def state(self) -> str:
        if "report" in self.get_deferred_fields():
            found: str = self.found_state
            return found
        if self.report is not None:
            return self.State.COMPLETED
        return self.OF_JOB[Job.State(self.job.state)] if self.job else self.State.FAILED

    @property
    def state_label(self) -> str:
        return str(self.State(self.state).label)

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.WAITING, self.State.RUNNING)

    @property
    def reason(self) -> str:
        """Why it failed, in the interface's language."""
        if self.state != self.State.FAILED:
            return ""
        reason = self.job.reason if self.job else ""
        return reason or str(_("Its background job is gone. Start another evaluation."))

    @property
    def progress_percent(self) -> int:
        if self.state == self.State.COMPLETED:
            return 100
        return (self.job.progress_percent or 0) if self.job else 0
