"""Documents as files give them: text with its headings and pages."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import PurePath
from typing import IO, Any, BinaryIO

from django.conf import settings

from providers.sanitising import clean_text
from synthesis import tables
from synthesis.documents import plain
from synthesis.documents.blocks import Block, Document, DocumentError, assembled
from synthesis.documents.errors import UnreadableDocumentError

DEADLINE_SECONDS = 120.0
ALIASES = {"markdown": "md", "htm": "html", "text": "txt", "log": "txt", "ndjson": "jsonl"}


def format_of(name: str) -> str:
    """Return the format that a document's name ends with.

    Errors: UnreadableDocumentError when it is none that is known.
    """
    suffix = PurePath(name).suffix.lower().removeprefix(".")
    known = ALIASES.get(suffix, suffix)
    if known not in TEXTS and known not in tables.FORMATS:
        raise UnreadableDocumentError("unknown_document", suffix or name)
    return known


def read(file: BinaryIO, format: str, deadline: float = DEADLINE_SECONDS) -> Document:
    """Read a whole document; tables are no documents, but files of them.

    Units: deadline in seconds. Errors: UnreadableFileError.
    """
    try:
        document = TEXTS[format](file, deadline)
    except DocumentError as error:
        raise UnreadableDocumentError(error.code, error.detail) from error
    if not any(letter.isprintable() for letter in document.text.replace(" ", "")):
        raise UnreadableDocumentError("no_text")
    return document


def read_plain(reader: Callable[[BinaryIO], Document], file: BinaryIO, _limit: float) -> Document:
    return reader(file)


def read_apart(format: str, file: BinaryIO, deadline: float) -> Document:
    """Have a process of its own read the document, and end it at the deadline."""
    with tempfile.TemporaryFile() as copy:
        if format == "html":
            copy.write(plain.decoded(file).encode())
        else:
            file.seek(0)
            shutil.copyfileobj(file, copy)
        copy.seek(0)
        with reader_process(format, copy, deadline) as lines:
            return assembled(blocks_of(lines))


@contextmanager
def reader_process(format: str, file: IO[bytes], deadline: float) -> Iterator[IO[bytes]]:
    process = subprocess.Popen(  # noqa: S603  our own module
        [sys.executable, "-m", "synthesis.documents", format],
        cwd=settings.BASE_DIR,
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    is_late = threading.Event()

    def end() -> None:
        is_late.set()
        process.kill()

    clock = threading.Timer(deadline, end)
    clock.start()
    try:
        yield process.stdout  # type: ignore[misc]
    except EOFError as error:
        if is_late.is_set():
            raise DocumentError("took_too_long", f"{deadline:.0f}") from error
        raise DocumentError("reader_died") from error
    finally:
        clock.cancel()
        process.kill()
        process.communicate()


def blocks_of(lines: IO[bytes]) -> Iterator[Block]:
    """Yield what the process writes.

    Errors: DocumentError when it says so; EOFError when it ends without a word.
    """
    for line in lines:
        try:
            found: Any = json.loads(line)
        except ValueError:  # cut off
            break
        if isinstance(found, list):
            yield Block(clean_text(found[0]), *found[1:])
        elif found["code"]:
            raise DocumentError(found["code"], found["detail"])
        else:
            return
    raise EOFError


TEXTS: dict[str, Callable[[BinaryIO, float], Document]] = {
    "txt": partial(read_plain, plain.text),
    "md": partial(read_plain, plain.markdown),
    "html": partial(read_apart, "html"),
    "pdf": partial(read_apart, "pdf"),
    "docx": partial(read_apart, "docx"),
}
SUFFIXES = dict.fromkeys((*TEXTS, *tables.FORMATS, *ALIASES))
