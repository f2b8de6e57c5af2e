"""Material of the user's own that generation starts from: rows, or documents cut in chunks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from synthesis import reasons, source_prompts
from synthesis.chunking import Cutting
from synthesis.errors import SourceError, WrongStateError
from synthesis.models import bulk
from synthesis.models.authorship import Revised
from synthesis.models.dataset import Dataset
from synthesis.models.fields import OrderedJSONField
from synthesis.models.job import Job
from synthesis.models.names import unused_name

MOST_COLUMNS = 1000


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

    def clean(self) -> None:
        if self.kind != self.Kind.DOCUMENTS:
            return
        if self.cut == self.Cut.DELIMITER and not self.delimiter:
            raise ValidationError({"delimiter": _("Say which text stands between two chunks.")})
        # Paragraphs repeat nothing; the form does not even show their overlap.
        is_repeated = self.cut != self.Cut.PARAGRAPH
        if is_repeated and self.overlap_characters > self.chunk_characters // 2:
            raise ValidationError(
                {"overlap_characters": _("At most half of the characters per chunk.")}
            )

    # Orders

    def load(self, user: Any = None, *, uploads: Iterable[Any] = (), afresh: bool = False) -> None:
        """Add files and have what waits loaded; afresh also what was loaded before.

        Errors: SourceError while runs use the items, or a job is at work on them.
        """
        from synthesis import jobs

        with transaction.atomic():
            self.check_free()
            for upload in uploads:
                self.files.create(file=upload, name=upload.name[-255:], size=upload.size)
            if afresh:
                self.files.update(state=SourceFile.State.WAITING, content_hash="")
                self.columns = []
            self.item_count = 0
            self.job = jobs.submit("source", {"source": self.pk}, user)
            self.save(update_fields=["columns", "item_count", "job", "updated_at"])

    def check_free(self) -> None:
        """Hold the row until the transaction ends, so that no run can take it meanwhile.

        Errors: SourceError.
        """
        with transaction.atomic():
            locked = Source.objects.select_for_update(of=("self",)).select_related("job")
            found = locked.get(pk=self.pk)
        if found.is_used:
            raise SourceError("source_used")
        if found.is_open:
            raise SourceError("source_loading")

    def duplicate(self, user: Any = None) -> Source:
        """Copy the settings and the files, which both then share; the copy is not loaded."""
        fields = ("description", "kind", "dataset", "cut", "chunk_characters")
        fields += ("overlap_characters", "delimiter")
        values = {name: getattr(self, name) for name in fields}
        with transaction.atomic():
            copy = Source.objects.create(
                name=unused_name(Source, self.name), created_by=user, **values
            )
            SourceFile.objects.bulk_create(
                SourceFile(source=copy, file=row.file.name, name=row.name, size=row.size)
                for row in self.files.all()
            )
        return copy

    def cancel(self) -> None:
        """Stop loading. Errors: WrongStateError when that has ended."""
        if self.job is None:
            raise WrongStateError("wrong_state", self.state_label)
        self.job.cancel()

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            if self.is_open:
                self.cancel()
            self.items.all().discard()
            return super().delete(*args, **kwargs)

    # What the job stores

    def add_items(self, items: Sequence[SourceItem], file: SourceFile | None = None) -> None:
        """Write items after those that are there. The caller's transaction is open."""
        position = self.next_position()
        names = dict.fromkeys(self.columns)
        for number, item in enumerate(items, start=position):
            item.source, item.file, item.position = self, file, number
            names.update(dict.fromkeys(item.values))
        bulk.insert_each(items)
        if len(names) > len(self.columns):
            self.columns = list(names)[:MOST_COLUMNS]
            self.save(update_fields=["columns"])

    def next_position(self) -> int:
        latest = self.items.aggregate(latest=Max("position"))["latest"]
        return 0 if latest is None else latest + 1

    def count_items(self) -> None:
        self.item_count = self.next_position()
        self.save(update_fields=["item_count"])

    # What is known

    def first_values(self) -> dict[str, str]:
        """Return what the first item fills a prompt's variables with; nothing where none is."""
        item = self.items.first()
        return source_prompts.values(self.columns, [item.values]) if item else {}

    @property
    def cutting(self) -> Cutting:
        return Cutting(
            by=self.cut,
            length=self.chunk_characters,
            overlap=self.overlap_characters,
            delimiter=self.delimiter.replace("\\n", "\n").replace("\\t", "\t"),
        )

    @property
    def is_used(self) -> bool:
        return self.runs.exists()

    @property
    def is_open(self) -> bool:
        return self.job is not None and self.job.is_open

    @property
    def state(self) -> str:
        if self.job is not None:
            return self.job.state
        return Job.State.DONE if self.item_count else Job.State.WAITING

    @property
    def state_label(self) -> str:
        return str(Job.State(self.state).label)


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

    def end(
        self, state: str, *, code: str = "", detail: str = "", items: int = 0, unreadable: int = 0
    ) -> None:
        """Say what became of the file."""
        self.state, self.reason_code, self.reason_detail = state, code, detail
        self.item_count, self.unreadable = items, unreadable
        self.save()

    def forget_file(self) -> None:
        """Delete the uploaded file, unless a copy of the source has it too."""
        if not SourceFile.objects.filter(file=self.file.name).exclude(pk=self.pk).exists():
            self.file.delete(save=False)

    @property
    def reason(self) -> str:
        """Why it could not be read, in the interface's language."""
        if not self.reason_code:
            return ""
        return reasons.sentence(self.reason_code, detail=self.reason_detail)


class SourceItemQuerySet(models.QuerySet["SourceItem"]):
    def discard(self) -> None:
        """Delete items without loading them; records that came of them stay, and forget them."""
        records = SourceItem._meta.get_field("records").related_model.objects
        records.filter(source_item__in=self).update(source_item=None)
        self._raw_delete(self.db)


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

    objects = SourceItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("source item")
        verbose_name_plural = _("source items")
        ordering = ["source", "position"]
        constraints = [
            models.UniqueConstraint(fields=["source", "position"], name="one_item_per_position")
        ]

    def __str__(self) -> str:
        return f"{self.source} · {self.position + 1}"
