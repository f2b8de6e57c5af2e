"""Datasets as downloads: streamed, never shown by the browser itself."""

from __future__ import annotations

from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_noop

from synthesis import export
from synthesis.models import Dataset, OutputFormat, Record

# Django's history translates the name when it shows the entry.
DOWNLOAD = gettext_noop("download")


def download(
    records: QuerySet[Record], dataset: Dataset, format: str, request: HttpRequest
) -> StreamingHttpResponse:
    """Stream records as an attachment named after their dataset; the history notes it.

    Errors: Http404 for a format that does not exist; NotATableError for csv and xlsx.
    """
    if format not in export.CONTENT_TYPES:
        raise Http404
    response = StreamingHttpResponse(
        export.stream(records, format, metadata="metadata" in request.GET),
        content_type=export.CONTENT_TYPES[format],
    )
    dataset.mark_exported()
    name = export.file_name(dataset, format)
    LogEntry.objects.log_actions(
        request.user.pk,
        [dataset],
        CHANGE,
        [{"added": {"name": DOWNLOAD, "object": name}}],
        single_object=True,
    )
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["X-Content-Type-Options"] = "nosniff"
    return response


def chosen(records: QuerySet[Record], which: str | None) -> QuerySet[Record]:
    """Leave out what was not accepted, unless all are asked for; or keep what people approved."""
    if which == "all":
        return records
    return records.accepted().approved() if which == "approved" else records.accepted()


def formats() -> list[tuple[str, str]]:
    first = (OutputFormat.JSON, OutputFormat.JSONL, OutputFormat.CSV, OutputFormat.XLSX)
    return [(format, format.label) for format in first]
