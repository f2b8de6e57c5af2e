from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from synthesis import tables
from synthesis.models.dataset import Dataset
from synthesis.models.fields import OrderedJSONField
from synthesis.models.job import Job
from synthesis.models.record import Record
from synthesis.tables import rows


class DatasetImport(models.Model):
    """A file whose rows become records of a dataset, through the same checks as all others."""

    dataset = models.ForeignKey(
        Dataset, models.CASCADE, verbose_name=_("dataset"), related_name="imports"
    )
    file = models.FileField(_("file"), upload_to="imports/%Y/%m/", max_length=300)
    name = models.CharField(_("file name"), max_length=255)
    format = models.CharField(_("format"), max_length=10)
    job = models.OneToOneField(
        Job, models.SET_NULL, verbose_name=_("background job"), null=True, related_name="+"
    )
    rows_read = models.PositiveIntegerField(_("rows read"), default=0)
    unreadable = models.PositiveIntegerField(_("rows that could not be read"), default=0)
    problems = OrderedJSONField(_("problems"), default=list)
    counts = OrderedJSONField(_("records by status"), default=dict)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("created by"),
        null=True,
        blank=True,
        related_name="+",
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("dataset import")
        verbose_name_plural = _("dataset imports")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.name} → {self.dataset}"

    @classmethod
    def order(cls, dataset: Dataset, upload: Any, user: Any = None) -> DatasetImport:
        """Keep an uploaded file and have its rows read.

        Errors: UnreadableFileError for a format that is not known.
        """
        from synthesis import jobs

        order = cls.objects.create(
            dataset=dataset,
            file=upload,
            name=upload.name[-255:],
            format=tables.format_of(upload.name),
            created_by=user,
        )
        order.job = jobs.submit("import", {"import": order.pk}, user)
        order.save(update_fields=["job"])
        return order

    def forget_file(self) -> None:
        """Delete the uploaded file; nobody reads it again."""
        self.file.delete(save=False)

    def sentences(self) -> list[tuple[int, str]]:
        """Say what was wrong with the first rows that could not be read, by their numbers."""
        return [
            (problem["row"], rows.sentence(problem["code"], problem["detail"]))
            for problem in self.problems
        ]

    @property
    def accepted(self) -> int:
        return int(self.counts.get(Record.Status.ACCEPTED, 0))
