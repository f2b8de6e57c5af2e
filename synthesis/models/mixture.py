"""Datasets mixed from records that there are: which rows draw what, and how far it came."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from synthesis import drawing
from synthesis.drawing import Forecast
from synthesis.errors import ShortageError, TaskNotReadyError, WrongStateError
from synthesis.models.dataset import Dataset
from synthesis.models.job import Job
from synthesis.models.mixture_row import MixtureRow
from synthesis.models.order import RECORD_LIMITS, Order
from synthesis.models.ratio import RatioTask

KIND = "mix"
SHORT = "mixture_short"  # the reason of a job that did not find enough


class MixtureQuerySet(models.QuerySet["Mixture"]):
    def with_progress(self) -> MixtureQuerySet:
        """Load what a list row shows: the rows and the job."""
        return self.select_related("dataset", "created_by", "job").prefetch_related("rows__source")

    def of_status(self, status: str) -> MixtureQuerySet:
        is_done = ~Q(completed_at=None)
        if status == Mixture.Status.COMPLETED:
            return self.filter(is_done)
        if status == Mixture.Status.DRAFT:
            return self.filter(~is_done, job=None)
        states = [state for state, name in Mixture.BY_JOB.items() if name == status]
        is_short = Q(job__reason_code=SHORT)
        if status == Mixture.Status.SHORT:
            return self.filter(~is_done & is_short)
        return self.filter(~is_done & ~is_short, job__state__in=states)


class Mixture(Order):
    """An order of records that datasets have, in exact proportion."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        PENDING = "pending", _("waiting")
        RUNNING = "running", _("running")
        COMPLETED = "completed", _("completed")
        SHORT = "short", _("too few records")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    BY_JOB = {
        Job.State.WAITING: Status.PENDING,
        Job.State.RUNNING: Status.RUNNING,
        Job.State.DONE: Status.FAILED,
        Job.State.FAILED: Status.FAILED,
        Job.State.CANCELLED: Status.CANCELLED,
    }

    total = models.PositiveIntegerField(
        _("total"),
        default=100,
        validators=RECORD_LIMITS,
        help_text=_("Records of all sources together."),
    )
    split = models.CharField(
        _("split"), max_length=10, choices=RatioTask.Split, default=RatioTask.Split.SHARES
    )
    accepts_shortage = models.BooleanField(
        _("take what is there"),
        default=False,
        help_text=_(
            "Where there are fewer records than wanted, take those; the proportions are then not"
            " the ones asked for, and the page says so. Off: a shortage is refused."
        ),
    )
    dataset = models.ForeignKey(
        Dataset, models.PROTECT, verbose_name=_("output dataset"), related_name="mixtures"
    )
    job = models.OneToOneField(
        Job,
        models.SET_NULL,
        verbose_name=_("background job"),
        null=True,
        editable=False,
        related_name="+",
    )
    completed_at = models.DateTimeField(_("completed at"), null=True, editable=False)

    objects = MixtureQuerySet.as_manager()

    class Meta(Order.Meta):
        verbose_name = _("mixture")
        verbose_name_plural = _("mixtures")

    # Mutators

    def arrange(self, rows: Iterable[MixtureRow]) -> None:
        """Make the rows these; what an earlier attempt stored is replaced at the next start.

        Errors: TaskNotReadyError.
        """
        with transaction.atomic():
            self._check_startable()
            self.rows.all().delete()
            ordered = list(rows)
            for row in ordered:
                row.mixture = self
            MixtureRow.objects.bulk_create(ordered)
            self.job = None
            self.save(update_fields=["job"])

    def start(self, user: Any = None, *, accepts_shortage: bool = False) -> None:
        """Order the drawing in the background.

        Errors: TaskNotReadyError; ShortageError unless a shortage is accepted.
        """
        self.accepts_shortage |= accepts_shortage
        if not self.accepts_shortage:
            self.check_supply()
        with transaction.atomic():
            self._check_startable()
            self.order_job(user)

    def order_job(self, user: Any) -> None:
        from synthesis import jobs

        self.job = jobs.submit(KIND, {"mixture": self.pk}, user)
        self.save(update_fields=["job", "accepts_shortage"])

    def _check_startable(self) -> None:
        rows = Mixture.objects.select_for_update(of=("self",)).select_related("job")
        stored = rows.get(pk=self.pk)
        if stored.is_active:
            raise TaskNotReadyError("still_active")
        if stored.completed_at:
            raise TaskNotReadyError("has_mixed")

    def check_supply(self) -> None:
        """Raise ShortageError when a row can draw fewer records than it wants."""
        sentences = [
            f"{row.title}: {sentence}"
            for row, forecast in self.forecasts()
            if (sentence := row.foreseen_shortage(forecast))
        ]
        if sentences:
            raise ShortageError(SHORT, " ".join(sentences))

    def cancel(self) -> None:
        """Stop drawing; what was stored stays until the mixture is started again.

        Errors: WrongStateError.
        """
        if self.job is None:
            raise WrongStateError("wrong_state", self.status_label)
        self.job.cancel()

    def complete(self) -> None:
        self.completed_at = timezone.now()
        self.save(update_fields=["completed_at"])

    def clone(self, user: Any = None) -> Mixture:
        """Copy the order, not its records; the copy is a draft with a dataset of its own."""
        with transaction.atomic():
            copy = self.copied(user, job=None, completed_at=None)
            copy.arrange([row.unused() for row in self.rows.all()])
        return copy

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the order; its dataset and the records in it stay.

        Errors: TaskNotReadyError while it is at work.
        """
        if self.is_active:
            raise TaskNotReadyError("still_active")
        return super().delete(*args, **kwargs)

    # Queries

    def forecasts(self) -> list[tuple[MixtureRow, Forecast]]:
        """Foretell what each row can draw.

        Cost: a count a row, and the ids where rows of one source may leave each other short.
        """
        rows = list(self.rows.all())
        found = drawing.forecasts(rows, self.seed)
        return [(row, found[row.position]) for row in rows]

    # Properties; they read rows and job: load the mixture with_progress()

    @property
    def status(self) -> str:
        if self.completed_at:
            return str(self.Status.COMPLETED)
        if self.job is None:
            return str(self.Status.DRAFT)
        if self.job.reason_code == SHORT:
            return str(self.Status.SHORT)
        return str(self.BY_JOB[Job.State(self.job.state)])

    @property
    def status_label(self) -> str:
        missing = self.total - self.accepted_count
        if self.status != self.Status.COMPLETED or not missing:
            return str(self.Status(self.status).label)
        return gettext("completed, %(missing)s short") % {"missing": missing}

    @property
    def reason(self) -> str:
        """Why it failed, in the interface's language."""
        return self.job.reason if self.job and not self.completed_at else ""

    @property
    def has_run(self) -> bool:
        return self.job is not None

    @property
    def wanted(self) -> int:
        return self.total

    @property
    def accepted_count(self) -> int:
        return sum(row.drawn or 0 for row in self.rows.all())

    @property
    def progress_percent(self) -> int:
        return self.accepted_count * 100 // self.total
