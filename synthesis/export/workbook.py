"""Records as an XLSX workbook of one sheet."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO, Any

from django.db.models import QuerySet
from django.utils.translation import gettext
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from synthesis.export import columns, delimited
from synthesis.export.columns import NotATableError
from synthesis.models import Record

# https://support.microsoft.com/office/1672b34d-7043-467e-8e27-269d656771c3, seen 2026-11
MOST_ROWS = 1_048_576
LONGEST_CELL = 32_767
CHUNK_BYTES = 64 * 1024


class TooManyRowsError(NotATableError):
    code = "too_many_rows"

    def __init__(self) -> None:
        super().__init__(
            gettext(
                "A sheet takes at most %(limit)s records, and there are more. Export them as JSONL"
                " or CSV."
            )
            % {"limit": MOST_ROWS - 1}
        )


class CellTooLongError(NotATableError):
    code = "cell_too_long"

    def __init__(self) -> None:
        super().__init__(
            gettext(
                "A text has more than %(limit)s characters, too many for a cell. Export the"
                " records as JSONL or CSV."
            )
            % {"limit": LONGEST_CELL}
        )


def sheet(
    records: QuerySet[Record], *, safe: bool = True, metadata_key: str = ""
) -> Iterator[bytes]:
    """Write the workbook, on disk and in memory that does not grow, before the first byte leaves.

    Errors: TooManyColumnsError, TooManyRowsError, CellTooLongError, ColumnsChangedError.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115  closed when it was read
    book = Workbook(write_only=True)
    table = book.create_sheet()
    try:
        _fill(table, records, safe, metadata_key)
        book.save(file)
    except BaseException:
        file.close()
        if not table.closed:
            table.close()
            table._writer.cleanup()  # the sheet's file on disk would stay with the process
        raise
    return _Chunks(file)


def _fill(table: Any, records: QuerySet[Record], safe: bool, metadata_key: str) -> None:
    names, pages = columns.named_values(records, metadata_key)
    table.append([_cell(table, name, safe) for name in names])
    count = 1
    for page in pages:
        count += len(page)
        if count > MOST_ROWS:
            raise TooManyRowsError
        for values in page:
            table.append([_cell(table, values.get(name), safe) for name in names])


def _cell(table: Any, value: Any, safe: bool) -> Any:
    """Write texts as texts, never as formulas; numbers and truth values as themselves."""
    if value is None or isinstance(value, bool | int | float):
        return value
    text = ILLEGAL_CHARACTERS_RE.sub("", delimited.cell(value, safe=safe))
    if len(text) > LONGEST_CELL:
        raise CellTooLongError
    cell = WriteOnlyCell(table, text.encode(errors="replace").decode())
    cell.data_type = "s"
    return cell


class _Chunks(Iterator[bytes]):
    """The bytes of a file, which is closed at its end, or when nobody wants to read on."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        file.seek(0)

    def __next__(self) -> bytes:
        if chunk := self.file.read(CHUNK_BYTES):
            return chunk
        self.close()
        raise StopIteration

    def close(self) -> None:
        self.file.close()
