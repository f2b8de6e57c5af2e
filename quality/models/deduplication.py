from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Count, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quality.models.dataset_job import DatasetJob
from synthesis import jobs
from synthesis.errors import WrongStateError
from synthesis.models import Dataset
from synthesis.models.fields import OrderedJSONField

KIND = "deduplicate"


def check_names(names: Any) -> None:
    if not isinstance(names, list) or not all(name and isinstance(name, str) for name in names):
        raise ValidationError(_("Give a list of names of fields."))


class Deduplication(DatasetJob):
    """A search for repeats among a dataset's accepted records; what it changed can be undone."""

    class Keep(models.TextChoices):
        BEST = "best", _("the best: approved by people, then the highest score, then the oldest")
        OLDEST = "oldest", _("the oldest; those approved by people first")

    class Step(models.TextChoices):
        SEARCH = "search", _("search")
        APPLY = "apply", _("apply")
        UNDO = "undo", _("undo")

    class State(models.TextChoices):
        SEARCHING = "searching", _("searching")
        FOUND = "found", _("searched, not applied")
        APPLYING = "applying", _("applying")
        APPLIED = "applied", _("applied")
        UNDOING = "undoing", _("undoing")
        UNDONE = "undone", _("undone")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    UNDER_WAY = {
        Step.SEARCH: State.SEARCHING,
        Step.APPLY: State.APPLYING,
        Step.UNDO: State.UNDOING,
    }
    ENDED = {Step.SEARCH: State.FOUND, Step.APPLY: State.APPLIED, Step.UNDO: State.UNDONE}

    dataset = models.ForeignKey(
        Dataset, models.CASCADE, verbose_name=_("dataset"), related_name="deduplications"
    )
    keep = models.CharField(
        pgettext_lazy("of several", "keep"), max_length=10, choices=Keep, default=Keep.BEST
    )
    threshold = models.FloatField(
        _("similarity of duplicates"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0.3), MaxValueValidator(1)],
        help_text=_(
            "0.3 to 1: the share of its text that a record has in common with its twin."
            " Empty: what the dataset's quality policy says."
        ),
    )
    compared_fields = OrderedJSONField(
        _("compared fields"),
        default=list,
        blank=True,
        validators=[check_names],
        help_text=_(
            "Names of the fields that make two records duplicates. Empty: those of the template"
            " that a record was made with, else all."
        ),
    )
    searched = models.PositiveBigIntegerField(_("records searched"), null=True, editable=False)
    step = models.CharField(max_length=10, choices=Step, default=Step.SEARCH, editable=False)
    is_step_done = models.BooleanField(default=False, editable=False)

    class Meta(DatasetJob.Meta):
        verbose_name = _("deduplication")
        verbose_name_plural = _("deduplications")

    def __str__(self) -> str:
        return f"{self.dataset} · {_('deduplication')} {self.pk}"

    @classmethod
    def start(cls, dataset: Dataset, *, user: Any = None, **wanted: Any) -> Deduplication:
        """Search a dataset; nothing of it changes."""
        row = cls(dataset=dataset, created_by=user, **wanted)
        row.begin()
        return row

    def begin(self) -> None:
        """Store a new one with the background job that will search."""
        with transaction.atomic():
            self.save()
            self._order(self.Step.SEARCH, self.created_by)

    def apply(self, user: Any = None) -> None:
        """Mark what was found as duplicates; also goes on with what was broken off.

        Errors: WrongStateError.
        """
        self._command(self.Step.APPLY, user, Repeat.State.FOUND)

    def undo(self, user: Any = None) -> None:
        """Put back what applying changed, and nobody else since.

        Errors: WrongStateError.
        """
        self._command(self.Step.UNDO, user, Repeat.State.REMOVED)

    def _command(self, step: str, user: Any, left: str) -> None:
        with transaction.atomic():
            rows = Deduplication.objects.select_for_update(of=("self",)).select_related("job")
            stored = rows.get(pk=self.pk)
            is_possible = stored.searched is not None and not stored.is_open
            if not is_possible or not self.repeats.filter(state=left).exists():
                raise WrongStateError("wrong_state", str(stored.state_label))
            self._order(step, user)

    def _order(self, step: str, user: Any) -> None:
        arguments = {"deduplication": self.pk, "step": step}
        self.job = jobs.submit(KIND, arguments, user=user)
        self.step, self.is_step_done = step, False
        self.save(update_fields=["job", "step", "is_step_done"])

    def finish_step(self, searched: int | None = None) -> None:
        self.is_step_done = True
        self.searched = self.searched if searched is None else searched
        self.save(update_fields=["is_step_done", "searched"])

    @property
    def is_done(self) -> bool:
        return self.is_step_done

    @property
    def state(self) -> str:
        if self.is_done:
            return self.ENDED[self.Step(self.step)]
        return self.UNDER_WAY[self.Step(self.step)] if self.is_open else self.State(self.status)

    @property
    def state_label(self) -> str:
        return str(self.State(self.state).label)

    def possible(self, counts: Mapping[str, Any]) -> list[str]:
        """List the commands that fit the state and its counts."""
        if self.is_open:
            return ["cancel"]
        left = {"apply": Repeat.State.FOUND, "undo": Repeat.State.REMOVED}
        return [name for name, state in left.items() if self.searched is not None and counts[state]]

    def counts(self) -> dict[str, int]:
        """Count clusters and copies as they stand: how many are marked, left alone, put back."""
        found = self.repeats.aggregate(
            clusters=Count("kept", distinct=True),
            copies=Count("pk"),
            **{name: Count("pk", filter=models.Q(state=name)) for name in Repeat.State.values},
        )
        return dict(found)


class RepeatQuerySet(QuerySet["Repeat"]):
    def clusters(self) -> QuerySet[Repeat, dict[str, int]]:
        """List kept records with the number of their copies, the largest first."""
        return (
            self.order_by().values("kept").annotate(copies=Count("pk")).order_by("-copies", "kept")
        )


class Repeat(models.Model):
    """A record that repeats another one, and what became of it."""

    class State(models.TextChoices):
        FOUND = "found", _("found")
        REMOVED = "removed", _("marked as a duplicate")
        SKIPPED = "skipped", _("left alone: one of the two was changed since the search")
        RESTORED = "restored", _("put back")
        LEFT = "left", _("not put back: it was changed since")

    deduplication = models.ForeignKey(
        Deduplication, models.CASCADE, related_name="repeats", verbose_name=_("deduplication")
    )
    # Not foreign keys: that a record is deleted later changes nothing about this row.
    record = models.BigIntegerField(_("record"))
    kept = models.BigIntegerField(_("record that stays"))
    linked_before = models.BigIntegerField(null=True)
    code = models.CharField(_("kind"), max_length=10)
    similarity = models.FloatField(_("similarity"))
    state = models.CharField(_("status"), max_length=10, choices=State, default=State.FOUND)

    objects = RepeatQuerySet.as_manager()

    class Meta:
        verbose_name = _("repeat")
        verbose_name_plural = _("repeats")
        default_permissions = ()
        indexes = [
            models.Index(fields=["deduplication", "kept"], name="repeat_cluster"),
            models.Index(fields=["deduplication", "state", "id"], name="repeat_state"),
        ]

    def __str__(self) -> str:
        return f"{self.record} = {self.kept}"
