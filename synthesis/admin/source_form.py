"""The form that makes and changes a source, and the preview of what it would give."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from itertools import islice
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold import widgets

from synthesis import reasons, source_items, tables, uploads
from synthesis.chunking import Cutting
from synthesis.documents import reading
from synthesis.documents.errors import UnreadableDocumentError
from synthesis.errors import SourceError
from synthesis.models import Source, SourceItem
from synthesis.tables import UnreadableFileError

PREVIEW_ITEMS = 20
PREVIEW_SECONDS = 20.0
PREVIEW_MEGABYTES = 20  # of a file that cannot be cut off before it is sent
CUTTING = ("cut", "chunk_characters", "overlap_characters", "delimiter")
LOADED_ANEW = {"kind", "dataset", *CUTTING}
TEXTS = ".txt,.md,.csv,.tsv,.jsonl,.ndjson,.html,.htm"  # whose beginning can be read alone


class FilesWidget(widgets.UnfoldAdminFileFieldWidget):
    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Any]:
        return files.getlist(name)

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        return super().get_context(name, None, attrs)


class FilesField(forms.FileField):
    widget = FilesWidget

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        clean_one = super().clean
        return [clean_one(upload) for upload in data or []]


def dotted(suffixes: Iterable[str]) -> str:
    return ",".join(f".{suffix}" for suffix in suffixes)


class SourceForm(forms.ModelForm):
    # Unfold takes a posted "dataset" for one of its own tables.
    prefix = "source"

    files = FilesField(
        label=_("Files"),
        required=False,
        allow_empty_file=True,
        help_text=_(
            "Several at once. Documents: TXT, MD, HTML, PDF, DOCX, XLSX, CSV, JSON, JSONL. Rows:"
            " JSONL, JSON, CSV, TSV, XLSX. UTF-8 and GBK are recognised."
        ),
    )

    class Meta:
        model = Source
        fields = ("name", "description", "kind", "dataset", *CUTTING)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        preview = reverse("admin:synthesis_source_preview")
        own = f"?source={self.instance.pk}" if self.instance.pk else ""
        self.fields["files"].widget.attrs |= {
            "data-preview": f"{preview}{own}",
            "data-texts": TEXTS,
            "data-preview-megabytes": PREVIEW_MEGABYTES,
            "data-preview-refusal": _(
                "PDF, DOCX, XLSX and JSON files over %(limit)s MB are not previewed."
            )
            % {"limit": PREVIEW_MEGABYTES},
            "data-most-files": settings.DATA_UPLOAD_MAX_NUMBER_FILES,
            "data-too-many": _("At most %(limit)s files at once; add the others afterwards.")
            % {"limit": settings.DATA_UPLOAD_MAX_NUMBER_FILES},
            "data-megabytes": settings.DATAMATE_UPLOAD_MEGABYTES,
            "data-refusal": uploads.TOO_LARGE % {"limit": settings.DATAMATE_UPLOAD_MEGABYTES},
            "data-rows": dotted(tables.SUFFIXES),
            "data-rows-refusal": str(tables.UnreadableFileError("unknown_format", "*")),
            "data-documents": dotted(reading.SUFFIXES),
            "data-documents-refusal": str(UnreadableDocumentError("unknown_document", "*")),
        }

    def clean_dataset(self) -> Any:
        if self.cleaned_data.get("kind") != Source.Kind.ROWS:
            return None
        return self.cleaned_data["dataset"]

    def clean_files(self) -> list[Any]:
        format_of = partial(source_items.format_of, kind=self.cleaned_data.get("kind", ""))
        uploaded = self.cleaned_data["files"]
        # Among others an empty one is listed by the job: a browser forgets all that it sent.
        if uploaded and not any(upload.size for upload in uploaded):
            raise ValidationError(self.fields["files"].error_messages["empty"], code="empty")
        for upload in uploaded:
            try:
                uploads.check(upload, format_of)
            except ValidationError as error:
                words = {"name": upload.name, "reason": " ".join(error.messages)}
                raise ValidationError("%(name)s: %(reason)s", params=words) from error
        return uploaded

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self.check_material(cleaned)
        if self.instance.pk and (self.is_afresh or cleaned.get("files")):
            try:
                self.instance.check_free()
            except SourceError as error:
                raise ValidationError(str(error)) from error
        return cleaned

    def check_material(self, cleaned: dict[str, Any]) -> None:
        stored = self.instance.files.exists() if self.instance.pk else False
        has_files = bool(cleaned.get("files")) or stored or "files" in self.errors
        if has_files and cleaned.get("dataset"):
            self.add_error("dataset", _("Take the rows of a dataset or of files, not of both."))
        elif not has_files and not cleaned.get("dataset"):
            self.add_error("files", _("Upload a file, or choose rows of a dataset."))

    @property
    def is_afresh(self) -> bool:
        """Tell whether what was loaded must be loaded again."""
        return bool(LOADED_ANEW & set(self.changed_data))


def preview(form: SourceForm) -> dict[str, Any]:
    """Read the first items that an unsaved form would give, of its first file or its dataset."""
    form.is_valid()
    names = [*CUTTING, "files"] if form.files else CUTTING  # nothing chosen yet is no mistake
    problems = [
        f"{form.fields[name].label}: {sentence}"
        for name in names
        for sentence in form.errors.get(name, [])
    ]
    items: list[SourceItem] = []
    name = ""
    if not problems:
        try:
            name, items = first_items(form)
        except UnreadableFileError as error:
            problems = [reasons.sentence(error.code, detail=error.detail)]
        except FileNotFoundError:
            problems = [reasons.sentence("source_file_gone")]
    return {"items": items, "name": name, "problems": problems}


def first_items(form: SourceForm) -> tuple[str, list[SourceItem]]:
    given, source = form.cleaned_data, form.instance
    if uploaded := given.get("files"):
        return uploaded[0].name, first_of(uploaded[0], uploaded[0].name, source)
    if given.get("dataset"):
        found = source_items.of_dataset(given["dataset"])
        return str(given["dataset"]), list(islice(found, PREVIEW_ITEMS))
    stored = source.files.first() if source.pk else None
    if stored is None:
        return "", []
    with stored.file.open("rb") as file:
        return stored.name, first_of(file, stored.name, source)


def first_of(file: Any, name: str, source: Source) -> list[SourceItem]:
    cutting: Cutting = source.cutting
    found = source_items.of_file(file, name, source.kind, cutting, PREVIEW_SECONDS)
    readable = (one for one in found if isinstance(one, SourceItem))
    return list(islice(readable, PREVIEW_ITEMS))
