"""Entry point of the background job that makes a report."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quality.evaluation import reports
from quality.evaluation.reports import NothingToEvaluateError
from quality.models import Evaluation
from synthesis.engine.background import Assignment, JobFailedError

REASONS = {
    "evaluation_empty": _(
        "The dataset has no record, so there is nothing to evaluate. Run a task that writes into"
        " it, or import records; then evaluate it again."
    ),
    "evaluation_nothing_accepted": _(
        "None of the dataset's {detail} records was accepted, so there is nothing to evaluate."
        " Look at the reasons in the list of its records."
    ),
    "evaluation_gone": _("The evaluation was deleted before it had ended."),
}


def evaluate(assignment: Assignment) -> None:
    """Make the report anew and store it; a worker that died before has left nothing."""
    rows = Evaluation.objects.select_related("dataset")
    evaluation = rows.filter(pk=assignment.job.arguments["evaluation"]).first()
    if evaluation is None:
        raise JobFailedError("evaluation_gone")
    try:
        report = reports.build(evaluation.dataset, evaluation.field, assignment.report)
    except NothingToEvaluateError as error:
        raise JobFailedError(error.code, error.detail) from error
    with assignment.commit():
        evaluation.store(report)
