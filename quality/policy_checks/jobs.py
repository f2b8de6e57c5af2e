"""Entry points of the background jobs of a policy check."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quality.models import PolicyCheck
from quality.policy_checks import swap
from quality.policy_checks.preview import Preview
from synthesis.engine.background import Assignment, JobFailedError

REASONS = {"policy_check_gone": _("The policy check was deleted before it had ended.")}


def preview(assignment: Assignment) -> None:
    """Find out what would change; a worker that died before has left nothing that counts."""
    check = found(assignment)
    check.changes.all().delete()
    report = Preview(assignment, check).make()
    with assignment.commit():
        check.report = report
        check.save(update_fields=["report"])


def apply(assignment: Assignment) -> None:
    swap.swap_all(assignment, found(assignment))


def undo(assignment: Assignment) -> None:
    swap.swap_all(assignment, found(assignment), undo=True)


def found(assignment: Assignment) -> PolicyCheck:
    rows = PolicyCheck.objects.select_related("dataset", "version")
    check = rows.filter(pk=assignment.job.arguments["check"]).first()
    if check is None:
        raise JobFailedError("policy_check_gone")
    return check


KINDS = {
    "policy_preview": (_("Policy check: preview"), preview),
    "policy_apply": (_("Policy check: applying"), apply),
    "policy_undo": (_("Policy check: undoing"), undo),
}
