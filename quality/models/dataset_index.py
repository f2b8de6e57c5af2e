from __future__ import annotations

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from quality import fingerprints
from synthesis.models import Dataset, Record


class DatasetIndexQuerySet(QuerySet["DatasetIndex"]):
    def unfinished(self) -> DatasetIndexQuerySet:
        return self.exclude(old_until=None).order_by("pk")

    def records_left(self) -> int:
        """Count the records that are to be entered anew."""
        left = Q(dataset__index__entered_until=None) | Q(pk__gt=F("dataset__index__entered_until"))
        return Record.objects.filter(left, dataset__index__old_until__isnull=False).count()

    def note_old(self) -> None:
        """Note the datasets with records that another version indexed, or may have indexed."""
        current = self.filter(version=fingerprints.VERSION).values("dataset")
        filled = Exists(Record.objects.filter(dataset=OuterRef("pk")))
        self.note(Dataset.objects.filter(filled).exclude(pk__in=current))

    def note(self, datasets: QuerySet[Dataset]) -> None:
        """Note that all records there are so far have to be indexed anew."""
        latest = Record.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        self.bulk_create(
            [
                DatasetIndex(dataset=dataset, version=fingerprints.VERSION, old_until=latest)
                for dataset in datasets
            ],
            update_conflicts=True,
            unique_fields=["dataset"],
            update_fields=["version", "old_until", "entered_until"],
        )


class DatasetIndex(models.Model):
    """By which version of fingerprints a dataset is indexed, and how far that has come."""

    dataset = models.OneToOneField(
        Dataset,
        models.CASCADE,
        verbose_name=_("dataset"),
        primary_key=True,
        related_name="index",
    )
    version = models.PositiveSmallIntegerField(_("version"))
    # Ids of records. Up to the first an older version entered them, whose rows are dropped; then
    # all are entered anew, up to the second so far.
    old_until = models.BigIntegerField(null=True)
    entered_until = models.BigIntegerField(null=True)

    objects = DatasetIndexQuerySet.as_manager()

    class Meta:
        verbose_name = _("index of duplicates")
        verbose_name_plural = _("indexes of duplicates")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.dataset_id} v{self.version}"

    @classmethod
    def begin(cls, dataset: Dataset) -> None:
        cls.objects.create(dataset=dataset, version=fingerprints.VERSION)

    def move(self, entered_until: int | None, *, is_whole: bool = False) -> None:
        self.entered_until = None if is_whole else entered_until
        self.old_until = None if is_whole else self.old_until
        self.save(update_fields=["entered_until", "old_until"])
