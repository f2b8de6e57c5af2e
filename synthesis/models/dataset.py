from __future__ import annotations

from typing import Any

from django.db import connection, models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from synthesis.models.authorship import Authored
from synthesis.models.names import unused_name

ADVISORY_LOCK_CLASS = 0x44617461  # one space of PostgreSQL lock numbers for datasets


class OutputFormat(models.TextChoices):
    JSONL = "jsonl", "JSONL"
    JSON = "json", "JSON"
    CSV = "csv", "CSV"
    XLSX = "xlsx", "XLSX"


class DatasetQuerySet(models.QuerySet["Dataset"]):
    def with_counts(self) -> DatasetQuerySet:
        """Annotate accepted_count, in records."""
        from synthesis.models.record import Record

        accepted = (
            Record.objects.filter(dataset=models.OuterRef("pk"), status=Record.Status.ACCEPTED)
            .order_by()
            .values("dataset")
            .annotate(total=models.Count("pk"))
            .values("total")
        )
        return self.annotate(accepted_count=models.functions.Coalesce(models.Subquery(accepted), 0))


class Dataset(Authored):
    """Where records live, and what is exported."""

    name = models.CharField(_("name"), max_length=200, unique=True)
    description = models.TextField(_("description"), blank=True)
    exported_at = models.DateTimeField(_("latest export"), null=True, blank=True, editable=False)

    objects = DatasetQuerySet.as_manager()

    class Meta:
        verbose_name = _("dataset")
        verbose_name_plural = _("datasets")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def named_after(cls, name: str, user: Any = None) -> Dataset:
        """Create a dataset called name, or name (2), (3) … when that is taken."""
        return cls.objects.create(name=unused_name(cls, name), created_by=user)

    def mark_exported(self) -> None:
        """Note that records of this dataset leave as a file, whoever asked for it."""
        Dataset.objects.filter(pk=self.pk).update(exported_at=timezone.now())

    def lock(self) -> None:
        """Serialise writers of this dataset until the transaction ends.

        A statement of its own: under READ COMMITTED the next one then sees what
        the previous holder committed. SQLite's IMMEDIATE transactions do the same.
        """
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_advisory_xact_lock(%s, %s)", [ADVISORY_LOCK_CLASS, self.pk]
                )
