"""Material of the user's own that generation starts from: rows, or documents cut in chunks."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from synthesis import reasons
from synthesis.models.authorship import Revised
from synthesis.models.dataset import Dataset
from synthesis.models.fields import OrderedJSONField
from synthesis.models.job import Job


class Source(Revised):
    """Items that prompts are filled from; they stay as they are once a run has used them."""

    class Kind(models.TextChoices):
        ROWS = "rows", _("Rows of a table")
        DOCUMENTS = "documents", _("Documents")

    class Cut(models.TextChoices):
        LENGTH = "length", _("By length")
        PARAGRAPH = "paragraph", _("By paragraph")
        HEADING = "heading", _("By heading")
        DELIMITER = "delimiter", _("By delimiter")

    name = models.CharField(_("source name"), max_length=200, unique=True)
    description = models.TextField(_("description"), blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.DOCUMENTS)
    dataset = models.ForeignKey(
        Dataset,
        models.SET_NULL,
        verbose_name=_("dataset"),
        null=True,
        blank=True,
        related_name="sources",
        help_text=_("Its accepted records become the rows, as they are when the source is loaded."),
    )
    cut = models.CharField(_("cut documents"), max_length=10, choices=Cut, default=Cut.LENGTH)
    chunk_characters = models.PositiveIntegerField(
        _("characters per chunk"),
        default=1000,
        validators=[MinValueValidator(50), MaxValueValidator(100_000)],
        help_text=_(
            "A chunk is at most this long; paragraphs and sentences stay whole if they can."
        ),
    )
    overlap_characters = models.PositiveIntegerField(
        _("overlap"),
        default=100,
        validators=[MaxValueValidator(50_000)],
        help_text=_("Characters that a chunk repeats of the one before it."),
    )
    delimiter = models.CharField(
        _("delimiter"),
        max_length=50,
        blank=True,
        help_text=_("The text between two chunks; \\n is a line break."),
    )
    columns = OrderedJSONField(_("variables"), default=list, blank=True, editable=False)
    item_count = models.PositiveIntegerField(_("items"), default=0, editable=False)
    job = models.OneToOneField(
        Job,
        models.SET_NULL,
        verbose_name=_("background job"),
        null=True,
        editable=False,
        related_name="+",
    )

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.name


class SourceFile(models.Model):
    """An uploaded file of a source, and what became of it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        LOADED = "loaded", _("loaded")
        REPEATED = "repeated", _("repeats another file")
        FAILED = "failed", _("could not be read")

    source = models.ForeignKey(
        Source, models.CASCADE, verbose_name=_("source"), related_name="files"
    )
    file = models.FileField(_("file"), upload_to="sources/%Y/%m/", max_length=300)
    name = models.CharField(_("file name"), max_length=255)
    size = models.PositiveBigIntegerField(_("size"), help_text=_("In bytes."))
    content_hash = models.CharField(_("content hash"), max_length=64, blank=True)
    state = models.CharField(_("status"), max_length=10, choices=State, default=State.WAITING)
    reason_code = models.CharField(_("reason"), max_length=40, blank=True)
    reason_detail = models.TextField(_("reason in detail"), blank=True)
    item_count = models.PositiveIntegerField(_("items"), default=0)
    unreadable = models.PositiveIntegerField(_("rows that could not be read"), default=0)

    class Meta:
        verbose_name = _("source file")
        verbose_name_plural = _("source files")
        ordering = ["source", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def reason(self) -> str:
        """Why it could not be read, in the interface's language."""
        if not self.reason_code:
            return ""
        return reasons.sentence(self.reason_code, detail=self.reason_detail)


class SourceItem(models.Model):
    """One row, or one chunk of a document, with its place there.

    Units: page from 1; start and end in characters of the document's text.
    """

    source = models.ForeignKey(
        Source, models.CASCADE, verbose_name=_("source"), related_name="items", db_index=False
    )
    file = models.ForeignKey(
        SourceFile,
        models.CASCADE,
        verbose_name=_("source file"),
        null=True,
        blank=True,
        related_name="items",
    )
    record = models.ForeignKey(
        "synthesis.Record",
        models.SET_NULL,
        verbose_name=_("record"),
        null=True,
        blank=True,
        related_name="+",
    )
    position = models.PositiveIntegerField(_("position"), help_text=_("In the source, from 0."))
    values = OrderedJSONField(
        _("values"), help_text=_("What prompts may use; a chunk has text, document and heading.")
    )
    page = models.PositiveIntegerField(_("page"), null=True, blank=True)
    start = models.PositiveIntegerField(_("start"), null=True, blank=True)
    end = models.PositiveIntegerField(_("end"), null=True, blank=True)

    class Meta:
        verbose_name = _("source item")
        verbose_name_plural = _("source items")
        ordering = ["source", "position"]
        constraints = [
            models.UniqueConstraint(fields=["source", "position"], name="one_item_per_position")
        ]

    def __str__(self) -> str:
        return f"{self.source} · {self.position + 1}"
