"""Which encoding a text file is in: UTF-8 mostly, GBK often, others now and then."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import charset_normalizer

from synthesis.tables.rows import UnreadableFileError

SAMPLE_BYTES = 64 * 1024
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
PRIVATE = re.compile("[\ue000-\uf8ff]")


@contextmanager
def text_of(file: BinaryIO, newline: str) -> Iterator[io.TextIOWrapper]:
    """Read a file as text; it stays open, for it is the caller's to close.

    Errors: UnreadableFileError for what is no text.
    """
    text = io.TextIOWrapper(file, detect(file), errors="replace", newline=newline)
    try:
        yield text
    finally:
        if not file.closed:  # by a caller who read no further
            text.detach()


def detect(file: BinaryIO) -> str:
    """Name the encoding of a file by its first bytes that are not ASCII; leaves it at its start.

    Errors: UnreadableFileError for what is no text.
    """
    file.seek(0)
    sample = file.read(SAMPLE_BYTES)
    mark = next((name for mark, name in MARKS.items() if sample.startswith(mark)), None)
    while mark is None and is_plain(sample) and (more := file.read(SAMPLE_BYTES)):
        sample = more
    file.seek(0)
    if mark is not None:
        return mark
    if b"\x00" in sample:
        raise UnreadableFileError("bad_encoding")
    for name in ("utf-8", "gb18030"):
        if decodes(sample, name):
            return name
    guess = charset_normalizer.from_bytes(sample).best()
    if guess is None:
        raise UnreadableFileError("bad_encoding")
    return guess.encoding


def is_plain(sample: bytes) -> bool:
    return sample.isascii() and b"\x00" not in sample


def decodes(sample: bytes, encoding: str) -> bool:
    """Tell whether the sample is text in the encoding; its end may cut a character in two."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        text = decoder.decode(sample, len(sample) < SAMPLE_BYTES)
    except UnicodeDecodeError:
        return False
    # Big5 reads as GB18030 too, with characters that nobody has assigned.
    return not PRIVATE.search(text)
