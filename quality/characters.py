"""Texts as arrays of their characters' codes, for what numpy does to many of them at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint32]

# From here on scripts are written without spaces, so a word has no bounds to look at.
FIRST_UNSPACED = "\u2e80"
# Keeps the arrays inside the processor's cache, and in memory those of long texts.
CHARACTERS_AT_ONCE = 16_000


def codes_of(text: str) -> Codes:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def text_of(codes: Codes) -> str:
    return codes.tobytes().decode("utf-32-le", "surrogatepass")


def handfuls(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """Cut a list of texts where those before have enough characters together."""
    first = size = 0
    for number, text in enumerate(texts):
        size += len(text)
        if size >= CHARACTERS_AT_ONCE:
            yield texts[first : number + 1]
            first, size = number + 1, 0
    if first < len(texts):
        yield texts[first:]
