"""What a file, or a dataset, gives to a source: rows as they are, documents in chunks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any, BinaryIO, TypeAlias

from synthesis import tables
from synthesis.chunking import Cutting, cut
from synthesis.documents import reading
from synthesis.documents.blocks import BETWEEN, Document
from synthesis.export.pages import fields, latest_id, rows_until
from synthesis.models import Dataset, Record, Source, SourceItem
from synthesis.models.fields import as_json
from synthesis.tables import Row, sheets
from synthesis.templating import printed

CHUNK_COLUMNS = ("text", "document", "heading")
GROUP_ITEMS = 500
GROUP_CHARACTERS = 1_000_000

Found: TypeAlias = "SourceItem | Row"  # a row stands for one that could not be read


def format_of(name: str, kind: str) -> str:
    """Return the format of a file for a kind of source.

    Errors: UnreadableFileError when it is none that the kind takes.
    """
    return (tables if kind == Source.Kind.ROWS else reading).format_of(name)


def of_file(
    file: BinaryIO,
    name: str,
    kind: str,
    cutting: Cutting,
    deadline: float = reading.DEADLINE_SECONDS,
) -> Iterator[Found]:
    """Yield the items of a file, without a position, and the rows that cannot be read.

    Errors: UnreadableFileError when the file as a whole cannot be read.
    """
    format = format_of(name, kind)
    if kind == Source.Kind.ROWS:
        return (of_row(row) for row in tables.read(file, format))
    if format in tables.FORMATS:
        read = sheets.every_table if format == "xlsx" else partial(tables.read, format=format)
        return of_table(read(file), name, cutting)
    return of_document(reading.read(file, format, deadline), name, cutting)


def of_row(row: Row) -> Found:
    return row if row.content is None else SourceItem(values=variables_of(row.content))


def of_document(document: Document, name: str, cutting: Cutting) -> Iterator[SourceItem]:
    for chunk in cut(document.text, cutting, document.headings):
        yield SourceItem(
            values=values_of(document.text[chunk.start : chunk.end], name, chunk.heading),
            page=document.page_at(chunk.start),
            start=chunk.start,
            end=chunk.end,
        )


def of_table(rows: Iterable[Row], name: str, cutting: Cutting) -> Iterator[Found]:
    """Cut each row of a table by itself; the document is all of their texts."""
    before = 0
    for row in rows:
        if row.content is None:
            yield row
            continue
        text = text_of(row.content)
        for chunk in cut(text, cutting):
            yield SourceItem(
                values=values_of(text[chunk.start : chunk.end], name, f"#{row.number}"),
                start=before + chunk.start,
                end=before + chunk.end,
            )
        before += len(text) + len(BETWEEN)


def text_of(content: Mapping[str, Any]) -> str:
    """Write a row as text: the value of its only column, else a line for each."""
    if len(content) == 1:
        return printed(*content.values())
    return "\n".join(f"{name}: {printed(value)}" for name, value in content.items())


def values_of(text: str, name: str, heading: str) -> dict[str, Any]:
    return dict(zip(CHUNK_COLUMNS, (text, name, heading), strict=True))


def of_dataset(dataset: Dataset) -> Iterator[SourceItem]:
    """Yield the accepted records that are there now, as rows."""
    records = Record.objects.accepted().filter(dataset=dataset)
    for page in rows_until(records, latest_id(records), with_metadata=False):
        for record in page:
            yield SourceItem(values=variables_of(fields(record.content)), record_id=record.pk)


def variables_of(content: Mapping[str, Any]) -> dict[str, Any]:
    """Name the columns of a row as prompts can; two of one name are told apart by a number."""
    values: dict[str, Any] = {}
    numbers: defaultdict[str, int] = defaultdict(lambda: 1)
    for column, value in content.items():
        name = stem = variable_name(column)
        while name in values:
            numbers[stem] += 1
            name = f"{stem}_{numbers[stem]}"
        values[name] = value
    return values


def variable_name(column: str) -> str:
    """Leave of a column's name what the names of variables may hold: “m²” has no such digit."""
    if not column.isidentifier():
        letters = (letter if f"_{letter}".isidentifier() else " " for letter in column)
        column = "_".join("".join(letters).split())
    name = column.strip("_") or "column"
    return name if name.isidentifier() else f"_{name}"


def groups(items: Iterable[SourceItem]) -> Iterator[list[SourceItem]]:
    """Put items together that are written at once; bounded in number and in size."""
    group: list[SourceItem] = []
    characters = 0
    for item in items:
        group.append(item)
        characters += len(as_json(item.values))
        if len(group) >= GROUP_ITEMS or characters >= GROUP_CHARACTERS:
            yield group
            group, characters = [], 0
    if group:
        yield group
