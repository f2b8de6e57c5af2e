from __future__ import annotations

from typing import Any

from django.db import models, transaction
from django.db.models import Case, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from quality.models.dataset_job import DatasetJob
from synthesis import jobs
from synthesis.models import Dataset, Job
from synthesis.models.fields import OrderedJSONField

KIND = "evaluate"


class EvaluationQuerySet(QuerySet["Evaluation"]):
    def completed(self) -> EvaluationQuerySet:
        return self.filter(report__isnull=False)

    def with_status(self) -> EvaluationQuerySet:
        """Annotate found_status, which is what the property status says."""
        states = [
            When(job__state=state, then=Value(state))
            for state in Job.State.values
            if state != Job.State.DONE
        ]
        return self.annotate(
            found_status=Case(
                When(report__isnull=False, then=Value(Evaluation.Status.COMPLETED)),
                *states,
                default=Value(Evaluation.Status.FAILED),
            )
        )

    def without_report(self) -> EvaluationQuerySet:
        """Leave the report in the database; lists need no more than the status."""
        return self.with_status().defer("report")


class Evaluation(DatasetJob):
    """A report on a dataset: asked for, worked at, and kept as it was found."""

    dataset = models.ForeignKey(
        Dataset, models.CASCADE, verbose_name=_("dataset"), related_name="evaluations"
    )
    field = models.CharField(
        _("category field"),
        max_length=200,
        blank=True,
        help_text=_("Whose values should be balanced. Empty: found by its name."),
    )
    report = OrderedJSONField(_("report"), null=True, editable=False)

    found_status: str  # of the queryset's with_status

    objects = EvaluationQuerySet.as_manager()

    class Meta(DatasetJob.Meta):
        verbose_name = _("evaluation")
        verbose_name_plural = _("evaluations")

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

    @property
    def is_done(self) -> bool:
        if "report" in self.get_deferred_fields():
            return self.found_status == self.Status.COMPLETED
        return self.report is not None
