"""Which encoding a text file is in: UTF-8 mostly, GBK often, others now and then."""

from __future__ import annotations

import codecs
from typing import BinaryIO

import charset_normalizer

from synthesis.tables.rows import UnreadableFileError

SAMPLE_BYTES = 64 * 1024
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def detect(file: BinaryIO) -> str:
    """Name the encoding of a file, judged by its beginning; leaves the file there.

    Errors: UnreadableFileError for what is no text.
    """
    sample = file.read(SAMPLE_BYTES)
    file.seek(0)
    for mark, name in MARKS.items():
        if sample.startswith(mark):
            return name
    if b"\x00" in sample:
        raise UnreadableFileError("bad_encoding")
    for name in ("utf-8", "gb18030"):
        if decodes(sample, name):
            return name
    guess = charset_normalizer.from_bytes(sample).best()
    if guess is None:
        raise UnreadableFileError("bad_encoding")
    return guess.encoding


def decodes(sample: bytes, encoding: str) -> bool:
    """Tell whether the sample is text in the encoding; its end may cut a character in two."""
    try:
        codecs.getincrementaldecoder(encoding)().decode(sample, len(sample) < SAMPLE_BYTES)
    except UnicodeDecodeError:
        return False
    return True
