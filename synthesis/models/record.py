from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from providers.models import LanguageModel
from providers.sanitising import clean
from synthesis.models.batch import Batch
from synthesis.models.bulk import insert_each, update_each
from synthesis.models.dataset import Dataset
from synthesis.models.fields import OrderedJSONField
from synthesis.models.run import Run
from synthesis.models.source import SourceItem
from synthesis.signals import record_edited, records_saved, records_saving, records_stored

REVIEW_PERMISSION = "synthesis.review_record"
REVIEW_FIELDS = ("review", "reviewer", "reviewed_at", "review_note")
SURPLUS_AT_ONCE = 500
JUDGED_FIELDS = (
    "status",
    "findings",
    "duplicate_of",
    "content_hash",
    "simhash",
    "score",
    "score_parts",
    *REVIEW_FIELDS,
)


class RecordQuerySet(models.QuerySet["Record"]):
    def accepted(self) -> RecordQuerySet:
        return self.filter(status=Record.Status.ACCEPTED)

    def approved(self) -> RecordQuerySet:
        return self.filter(review=Record.Review.APPROVED)

    def in_category(self, name: str) -> RecordQuerySet:
        # The second condition is the index's own: SQLite takes a partial one by its words only.
        return self.filter(category=name).exclude(category="")

    def accepted_or_pending(self) -> RecordQuerySet:
        """Records whose content no other of the dataset may repeat."""
        return self.filter(status__in=(Record.Status.ACCEPTED, Record.Status.PENDING))

    def for_task(self, task_id: int) -> RecordQuerySet:
        return self.filter(run__task=task_id)

    def write(
        self, records: Iterable[Record], *, dataset: Dataset, run: Run | None = None
    ) -> list[Record]:
        """Insert records, the only way in: judged, counted and committed as one.

        Errors: whatever a receiver of records_saving raises; nothing is then stored.
        """
        rows = list(records)
        with transaction.atomic():
            dataset.lock()
            records_saving.send(sender=Record, records=rows, dataset=dataset, run=run)
            if run is not None:
                run.take_quota(rows)
            insert_each(rows)
            link_twins(rows)
            records_stored.send(sender=Record, records=rows, dataset=dataset, created=True)
            announce(rows, dataset, run)
        return rows

    def recheck(
        self, records: Iterable[Record], before: Mapping[int, str], *, dataset: Dataset
    ) -> None:
        """Let the checks judge stored records anew, and store what they say.

        The caller's transaction holds the dataset's lock; before has the old status by id.
        """
        by_run: dict[int | None, list[Record]] = defaultdict(list)
        for record in records:
            by_run[record.run_id].append(record)
        runs = Run.objects.select_related("template_version").in_bulk([pk for pk in by_run if pk])
        for run_id, group in by_run.items():
            judge_anew(group, dataset, runs.get(run_id) if run_id else None)
            self.restate(group, before)

    def take_surplus(self, run: Run) -> None:
        """Accept surplus records as far as the run lacks any, if the checks still do.

        Where judges decide, those that none has judged stay surplus. The caller's
        transaction holds the dataset's lock.
        """
        surplus = self.filter(run=run, status=Record.Status.SURPLUS).order_by("pk")
        if run.batches.filter(kind=Batch.Kind.JUDGE).exists():
            surplus = surplus.filter(judge_score__isnull=False)
        if run.records_per_item is not None:
            of_item = self.accepted().filter(run=run, source_item=OuterRef("source_item"))
            held = of_item.order_by().values("source_item").annotate(total=models.Count("pk"))
            surplus = surplus.exclude(Exists(held.filter(total__gte=run.records_per_item)))
        after = 0
        while (missing := run.target_count - run.accepted) > 0:
            rows = list(surplus.filter(pk__gt=after)[: min(missing, SURPLUS_AT_ONCE)])
            if not rows:
                return
            before = dict.fromkeys([row.pk for row in rows], "surplus")
            self.recheck(rows, before, dataset=run.dataset)
            after = rows[-1].pk
            run.refresh_from_db(fields=["accepted"])

    def restate(self, records: list[Record], before: Mapping[int, str]) -> None:
        """Store records with another status, and move them in the counts of their runs.

        The caller's transaction holds the dataset's lock; before has the old status by id.
        """
        by_run: dict[int, list[tuple[str, Record]]] = defaultdict(list)
        for record in records:
            if record.run_id and record.status != before[record.pk]:
                by_run[record.run_id].append((before[record.pk], record))
        for run in Run.objects.filter(pk__in=by_run).order_by("pk"):
            run.recount_all(by_run[run.pk])
        update_each(records, JUDGED_FIELDS)
        if records:
            tell_stored(records, records[0].dataset)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete records and take them out of their runs' counts.

        Locks as writers do, datasets before runs and by id, and counts only then.
        """
        with transaction.atomic():
            datasets = Dataset.objects.filter(pk__in=self.order_by().values("dataset"))
            locked = list(datasets.order_by("pk"))
            for dataset in locked:
                dataset.lock()
            doomed = self.filter(dataset__in=locked)
            runs = Run.objects.filter(pk__in=doomed.order_by().values("run")).order_by("pk")
            by_id = {run.pk: run for run in runs.select_for_update()}
            counts: dict[int, Counter[str]] = defaultdict(Counter)
            grouped = doomed.order_by().values_list("run", "status").annotate(models.Count("pk"))
            for run_id, status, number in grouped:
                counts[run_id][status] = number
            waiting = doomed.filter(status=Record.Status.PENDING, batch__isnull=False)
            of_batch = waiting.order_by().values_list("batch").annotate(models.Count("pk"))
            for batch_id, number in of_batch.order_by("batch"):
                Batch.shift(batch_id, Counter(), Counter(pending=number))
            deleted = super(RecordQuerySet, doomed).delete()
            for run_id, run in by_id.items():
                run.uncount(counts[run_id])
        return deleted

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]


def judge_anew(records: list[Record], dataset: Dataset, run: Run | None) -> None:
    """Let the checks judge stored records; what waits for its judge waits on, unless approved."""
    waiting = [record for record in records if record.status == Record.Status.PENDING]
    for record in records:
        record.status, record.findings, record.duplicate_of = Record.Status.ACCEPTED, [], None
    records_saving.send(sender=Record, records=records, dataset=dataset, run=run)
    for record in waiting:
        is_approved = record.review == Record.Review.APPROVED
        if record.status == Record.Status.ACCEPTED and not is_approved:
            record.status = Record.Status.PENDING


def link_twins(records: list[Record]) -> None:
    """Link duplicates to twins that were inserted together with them."""
    linked = [record for record in records if record.twin is not None]
    for record in linked:
        record.duplicate_of_id = record.twin.pk
    update_each(linked, ["duplicate_of"])


def tell_stored(records: list[Record], dataset: Dataset) -> None:
    records_stored.send(sender=Record, records=records, dataset=dataset, created=False)


def announce(records: list[Record], dataset: Dataset, run: Run | None) -> None:
    ids = [record.pk for record in records]
    transaction.on_commit(
        lambda: records_saved.send(sender=Record, record_ids=ids, dataset=dataset, run=run)
    )


class Record(models.Model):
    """One generated sample, and what became of it."""

    class Status(models.TextChoices):
        ACCEPTED = "accepted", _("accepted")
        PENDING = "pending", _("waiting for the judge")
        DUPLICATE = "duplicate", _("duplicate")
        MALFORMED = "malformed", _("malformed")
        REJECTED = "rejected", _("rejected")
        SURPLUS = "surplus", _("surplus")

    class Review(models.TextChoices):
        UNREVIEWED = "unreviewed", _("unreviewed")
        APPROVED = "approved", _("approved")
        REJECTED = "rejected", _("rejected")

    dataset = models.ForeignKey(
        Dataset, models.CASCADE, verbose_name=_("dataset"), related_name="records"
    )
    run = models.ForeignKey(
        Run, models.CASCADE, verbose_name=_("run"), null=True, blank=True, related_name="records"
    )
    batch = models.ForeignKey(
        Batch,
        models.CASCADE,
        verbose_name=_("batch"),
        null=True,
        blank=True,
        related_name="records",
    )
    position = models.PositiveIntegerField(_("position in the reply"), default=0)
    language_model = models.ForeignKey(
        LanguageModel,
        models.SET_NULL,
        verbose_name=_("model"),
        null=True,
        blank=True,
        related_name="+",
    )
    source_item = models.ForeignKey(
        SourceItem,
        models.SET_NULL,
        verbose_name=_("source item"),
        null=True,
        blank=True,
        editable=False,
        db_index=False,
        related_name="records",
    )
    origin = models.ForeignKey(
        "self",
        models.SET_NULL,
        verbose_name=_("copied from"),
        null=True,
        blank=True,
        editable=False,
        db_index=False,
        related_name="copies",
    )
    mixture = models.ForeignKey(
        "synthesis.Mixture",
        models.SET_NULL,
        verbose_name=_("mixture"),
        null=True,
        blank=True,
        editable=False,
        db_index=False,
        related_name="records",
    )
    category = models.CharField(_("category"), max_length=100, blank=True, editable=False)
    content = OrderedJSONField(_("content"), null=True)
    raw = models.TextField(
        _("raw text"), blank=True, help_text=_("The reply's text where no record could be read.")
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ACCEPTED)
    findings = OrderedJSONField(_("findings"), default=list, blank=True)
    duplicate_of = models.ForeignKey(
        "self",
        models.SET_NULL,
        verbose_name=_("duplicate of"),
        null=True,
        blank=True,
        related_name="duplicates",
    )
    content_hash = models.CharField(_("content hash"), max_length=64, blank=True, editable=False)
    score = models.FloatField(
        _("score"), null=True, blank=True, editable=False, help_text=_("0 to 100, by rules.")
    )
    score_parts = OrderedJSONField(
        _("parts of the score"), default=dict, blank=True, editable=False
    )
    judge_score = models.FloatField(
        _("judge's score"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("0 to 100, by a language model; empty where none has judged."),
    )
    review = models.CharField(
        _("review"), max_length=10, choices=Review, default=Review.UNREVIEWED, editable=False
    )
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("reviewer"),
        null=True,
        blank=True,
        editable=False,
        db_index=False,
        related_name="+",
    )
    reviewed_at = models.DateTimeField(_("reviewed at"), null=True, blank=True, editable=False)
    review_note = models.TextField(_("reason"), blank=True, editable=False)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("assigned to"),
        null=True,
        blank=True,
        editable=False,
        db_index=False,
        related_name="+",
    )
    simhash = models.BigIntegerField(
        _("simhash"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("Fingerprint of 64 bits, signed: alike texts differ in few of them."),
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    edited_at = models.DateTimeField(_("edited at"), null=True, blank=True, editable=False)

    editor: Any = None  # the user who edits, set before save
    twin: Record | None = None  # set by a receiver when the duplicate's twin has no id yet
    index_keys: Sequence[int] | None = None  # set by a receiver, entered once there is an id

    objects = RecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("record")
        verbose_name_plural = _("records")
        ordering = ["-pk"]
        permissions = [("review_record", "Can review record")]
        constraints = [
            models.UniqueConstraint(fields=["batch", "position"], name="one_record_per_position"),
            models.UniqueConstraint(
                fields=["dataset", "content_hash"],
                condition=Q(status__in=["accepted", "pending"]) & ~Q(content_hash=""),
                name="one_accepted_record_per_content",
            ),
        ]
        indexes = [
            models.Index(fields=["dataset", "status", "id"], name="record_status"),
            models.Index(fields=["run", "status", "id"], name="record_run_status"),
            models.Index(fields=["dataset", "score", "id"], name="record_score"),
            models.Index(fields=["dataset", "review", "id"], name="record_review"),
            # Most records have neither, and then these cost their writers nothing.
            models.Index(
                fields=["assigned_to", "review", "id"],
                condition=Q(assigned_to__isnull=False),
                name="record_assigned",
            ),
            models.Index(
                fields=["reviewer", "id"],
                condition=Q(reviewer__isnull=False),
                name="record_reviewer",
            ),
            models.Index(
                fields=["dataset", "judge_score", "id"],
                condition=Q(judge_score__isnull=False),
                name="record_judge_score",
            ),
            models.Index(
                fields=["source_item", "run", "status"],
                condition=Q(source_item__isnull=False),
                name="record_source_item",
            ),
            models.Index(
                fields=["origin"], condition=Q(origin__isnull=False), name="record_origin"
            ),
            models.Index(
                fields=["mixture", "id"], condition=Q(mixture__isnull=False), name="record_mixture"
            ),
            models.Index(fields=["category", "id"], condition=~Q(category=""), name="in_category"),
        ]

    def __str__(self) -> str:
        return f"{_('record')} {self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store one record through the same checks as generated ones.

        An edited record keeps its place in the run's count: its checks may turn it
        into a duplicate or a malformed one, and the counters follow. One that waits
        for its judge goes on waiting.
        """
        if self.pk is None:
            Record.objects.write([self], dataset=self.dataset, run=self.run)
            return
        with transaction.atomic():
            self.dataset.lock()
            stored = Record.objects.only("status", "content", *REVIEW_FIELDS).get(pk=self.pk)
            self.content, self.edited_at = clean(self.content), timezone.now()
            self.follow_review(stored)
            self.status = stored.status
            judge_anew([self], self.dataset, self.run)
            if self.run is not None:
                self.run.recount(stored.status, self)
            super().save(*args, **kwargs)
            if self.content != stored.content:
                record_edited.send(
                    sender=Record, record=self, before=stored.content, user=self.editor
                )
            tell_stored([self], self.dataset)
            announce([self], self.dataset, self.run)

    def follow_review(self, stored: Record) -> None:
        """Keep what people decided meanwhile; an edit asks for a decision on the new content.

        An approval stays when the editor could have given it.
        """
        for name in REVIEW_FIELDS:
            setattr(self, name, getattr(stored, name))
        may_review = self.editor is not None and self.editor.has_perm(REVIEW_PERMISSION)
        is_vouched_for = self.review == self.Review.APPROVED and may_review
        if self.content != stored.content and not is_vouched_for:
            self.forget_review()

    def forget_review(self) -> None:
        self.review, self.review_note = self.Review.UNREVIEWED, ""
        self.reviewer = self.reviewed_at = None

    @property
    def version(self) -> str:
        """What stood here when a page was made; another value means that somebody came first."""
        times = [at.isoformat() for at in (self.reviewed_at, self.edited_at) if at]
        return " ".join([self.review, *times])

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        return Record.objects.filter(pk=self.pk).delete()
