"""A process of its own that reads one document: python -m synthesis.documents FORMAT < FILE.

Readers are other people's programs on hostile files: here one may hang, crash or eat memory,
and costs no more than its document. Writes a line of JSON for each block, and one at the end.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Iterator
from importlib import import_module
from typing import BinaryIO

from synthesis.documents.blocks import Block, DocumentError

READERS = {"pdf": "pdf", "docx": "word", "html": "hypertext"}
MOST_MEMORY_BYTES = 2 * 1024**3


def read(file: BinaryIO, format: str) -> Iterator[Block]:
    reader = import_module(f"synthesis.documents.{READERS[format]}")
    yield from reader.blocks(file.read().decode() if format == "html" else file)


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY_BYTES, MOST_MEMORY_BYTES))
    end = {"code": "", "detail": ""}
    try:
        for block in read(sys.stdin.buffer, sys.argv[1]):
            write(block)
    except DocumentError as error:
        end = {"code": error.code, "detail": error.detail}
    write(end)


def write(value: object) -> None:
    sys.stdout.write(f"{json.dumps(value)}\n")


if __name__ == "__main__":
    main()
