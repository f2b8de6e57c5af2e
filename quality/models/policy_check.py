from __future__ import annotations

from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from quality.models.dataset_job import DatasetJob
from quality.models.policy import PolicyVersion
from synthesis import jobs
from synthesis.errors import SynthesisError
from synthesis.models import Dataset, Record
from synthesis.models.fields import OrderedJSONField

SENTENCES = {
    "not_previewed": _(
        "There is nothing to apply: the preview has not ended, or its changes are applied already."
    ),
    "not_applied": _("There is nothing to undo: no change of this check is applied."),
}


class PolicyCheckError(SynthesisError):
    """A check is not in a state that allows this."""

    def __str__(self) -> str:
        return str(SENTENCES[self.code])


class PolicyCheck(DatasetJob):
    """What a policy would do to a dataset: looked at first, then applied, then perhaps undone."""

    class Stage(models.TextChoices):
        PREVIEW = "preview", _("preview")
        APPLY = "apply", _("applying")
        UNDO = "undo", _("undoing")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        PREVIEWED = "previewed", _("previewed")
        APPLIED = "applied", _("applied")
        UNDONE = "undone", _("undone")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    AFTER = {
        Stage.PREVIEW: State.PREVIEWED,
        Stage.APPLY: State.APPLIED,
        Stage.UNDO: State.UNDONE,
    }

    dataset = models.ForeignKey(
        Dataset, models.CASCADE, verbose_name=_("dataset"), related_name="policy_checks"
    )
    version = models.ForeignKey(
        PolicyVersion, models.CASCADE, verbose_name=_("quality policy"), related_name="checks"
    )
    stage = models.CharField(_("stage"), max_length=10, choices=Stage, default=Stage.PREVIEW)
    report = OrderedJSONField(_("report"), null=True, editable=False)

    class Meta(DatasetJob.Meta):
        verbose_name = _("policy check")
        verbose_name_plural = _("policy checks")

    def __str__(self) -> str:
        return f"{self.dataset} · {self.version}"

    # Mutators

    def begin(self, user: Any = None) -> None:
        """Store a new check with the background job that finds out what would change."""
        with transaction.atomic():
            self.created_by = user
            self.save()
            self._submit(self.Stage.PREVIEW, user)

    def apply(self, user: Any = None) -> None:
        """Change the records in the background, as the preview says.

        Errors: PolicyCheckError.
        """
        with transaction.atomic():
            if not self._locked().can_apply:
                raise PolicyCheckError("not_previewed")
            self._submit(self.Stage.APPLY, user)

    def undo(self, user: Any = None) -> None:
        """Put back in the background what was changed, where nobody changed it since.

        Errors: PolicyCheckError.
        """
        with transaction.atomic():
            if not self._locked().can_undo:
                raise PolicyCheckError("not_applied")
            self._submit(self.Stage.UNDO, user)

    def _locked(self) -> PolicyCheck:
        rows = PolicyCheck.objects.select_for_update(of=("self",)).select_related("job")
        return rows.get(pk=self.pk)

    def _submit(self, stage: str, user: Any) -> None:
        self.stage = stage
        self.job = jobs.submit(f"policy_{stage}", {"check": self.pk}, user)
        self.save(update_fields=["stage", "job"])

    # Properties

    @property
    def can_apply(self) -> bool:
        if self.report is None or self.is_open or (self.stage == self.Stage.APPLY and self.is_done):
            return False
        return self.changes.filter(state=PolicyChange.State.PROPOSED).exists()

    @property
    def can_undo(self) -> bool:
        is_applied = self.changes.filter(state=PolicyChange.State.APPLIED)
        return not self.is_open and is_applied.exists()

    @property
    def state(self) -> str:
        return self.AFTER[self.Stage(self.stage)] if self.is_done else self.State(self.status)

    @property
    def state_label(self) -> str:
        return str(self.State(self.state).label)


class PolicyChange(models.Model):
    """What a check changes about one record.

    Applying and undoing are one thing: the record takes the values that the row has, and the
    row the record's, if the record is still what its print says.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        APPLIED = "applied", _("applied")
        SKIPPED = "skipped", _("left alone")

    policy_check = models.ForeignKey(
        PolicyCheck, models.CASCADE, verbose_name=_("policy check"), related_name="changes"
    )
    record = models.ForeignKey(
        Record, models.CASCADE, verbose_name=_("record"), related_name="policy_changes"
    )
    status_before = models.CharField(_("status before"), max_length=10, choices=Record.Status)
    status_after = models.CharField(_("status after"), max_length=10, choices=Record.Status)
    finding = OrderedJSONField(
        _("reason"),
        default=dict,
        help_text=_("Why the record is refused, or was so before; empty where neither."),
    )
    reason = models.CharField(_("kind of reason"), max_length=60, blank=True)
    values = OrderedJSONField(_("values"), default=dict)
    print = models.CharField(_("print of the record"), max_length=64)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PROPOSED)

    class Meta:
        verbose_name = _("change by a policy check")
        verbose_name_plural = _("changes by policy checks")
        ordering = ["pk"]
        default_permissions = ("view",)
        indexes = [
            models.Index(
                fields=["policy_check", "status_before", "status_after", "reason", "id"],
                name="policy_change_kind",
            ),
            models.Index(fields=["policy_check", "state", "id"], name="policy_change_state"),
        ]

    def __str__(self) -> str:
        return f"{self.record_id}: {self.status_before} → {self.status_after}"
