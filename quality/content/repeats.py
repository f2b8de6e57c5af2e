"""Tell of many texts at once which of them may repeat themselves.

A loop has a gram of four words, or of four letters where no words are written apart, that comes
again and again: here grams are hashed, sorted and counted. Who passes surely has no loop and no
run; the others are read closely by quality.content.repetition.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from quality.characters import FIRST_UNSPACED, Codes, codes_of, handfuls

# Long texts are looked at in pieces, so that a loop at their end is not thinned out.
PIECE = 2_000
SHORTEST_LOOP = 24
MOST_TOP_SHARE = 0.35
FEWEST_REPEATS = 3
LONGEST_GRAM = 5
# A text whose words are longer than this is read letter by letter.
LONGEST_WORDS = 12
# Four words and the blanks between them have at least so many letters.
FOUR_WORDS = 7
SPREAD = np.uint32(0x9E3779B1)
BLANK = ord(" ")
OWNER_BITS = np.uint64(32)
Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int64]


def may_repeat(texts: Sequence[str]) -> list[bool]:
    return [may for some in handfuls(texts) for may in _some_may_repeat(some)]


def _some_may_repeat(texts: Sequence[str]) -> list[bool]:
    lengths = np.array([len(text) for text in texts])
    counts = -(-lengths // PIECE)
    sizes = np.full(counts.sum(), PIECE)
    sizes[counts.cumsum()[counts > 0] - 1] = (lengths - (counts - 1) * PIECE)[counts > 0]
    found = np.zeros(len(texts), dtype=np.bool_)
    if len(sizes):
        owners = np.repeat(np.arange(len(texts)), counts)
        found[owners[_suspects(codes_of("".join(texts)), sizes)]] = True
    return found.tolist()


def _suspects(codes: Codes, sizes: Numbers) -> Flags:
    """Mark the pieces, one behind the other, that may hold a loop or a run."""
    starts = np.cumsum(sizes) - sizes
    spaced = np.add.reduceat(codes >= ord(FIRST_UNSPACED), starts, dtype=np.int64) * 3 < sizes
    units, repeats = _counted(codes, starts, spaced)
    often = (repeats + 1) * LONGEST_GRAM >= MOST_TOP_SHARE * units
    suspects = (repeats >= FEWEST_REPEATS - 1) & often | (spaced & (units * LONGEST_WORDS <= sizes))
    suspects &= sizes >= SHORTEST_LOOP
    # Rows of a sign are shortened before grams are counted; the small form of İ is two letters.
    same = codes[1:] == codes[:-1]
    odd = codes == ord("İ")
    odd[:-3] |= same[2:] & same[1:-1] & same[:-2]
    return suspects | np.logical_or.reduceat(odd, starts)


def _counted(codes: Codes, starts: Numbers, spaced: Flags) -> tuple[Numbers, Numbers]:
    """Count the words or letters of each piece, and how many begin a gram that was there before."""
    letters = _letters().take(codes)
    blank = letters == BLANK
    first = np.ones(len(codes), dtype=np.bool_)
    first[1:] = blank[:-1]
    first[starts] = True
    sizes = np.diff(starts, append=len(codes))
    apart = np.repeat(spaced, sizes)
    begins = ~blank & (first | ~apart)
    # One blank stays between words, none between letters.
    kept = ~blank | (apart & ~first)
    at, letters = np.flatnonzero(begins[kept]), letters[kept]
    owners, apart = np.repeat(np.arange(len(starts)), sizes)[begins], apart[begins]
    hashes = _hashes(letters, at, apart)
    keys = owners.astype(np.uint64) << OWNER_BITS | hashes
    keys.sort()
    again = (keys[1:][keys[1:] == keys[:-1]] >> OWNER_BITS).astype(np.int64)
    count = len(starts)
    return np.bincount(owners, minlength=count), np.bincount(again, minlength=count)


def _hashes(letters: Codes, at: Numbers, apart: Flags) -> Codes:
    """Hash four letters from each place on, or seven where words are apart."""
    padded = np.concatenate([letters, np.zeros(FOUR_WORDS, dtype=np.uint32)])
    two = padded[:-1] * SPREAD + padded[1:]
    four = two[:-2] * SPREAD * SPREAD + two[2:]
    hashes = four[at]
    hashes[apart] = hashes[apart] * SPREAD + four[at[apart] + FOUR_WORDS - 4]
    return hashes


@cache
def _letters() -> Codes:
    """Map letters to their small ones, those aside that are two, and all blanks to one."""
    table = np.arange(sys.maxunicode + 1, dtype=np.uint32)
    for code, letter in enumerate(map(chr, range(0x20000))):
        if letter.isspace():
            table[code] = BLANK
        elif len(small := letter.lower()) == 1:
            table[code] = ord(small)
    table[ord("ς")] = ord("σ")
    return table
