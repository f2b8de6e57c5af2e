"""Fingerprints of texts, many at once: simhash, and the MinHash keys of the index.

Both are made of a text's n-grams: two characters where Chinese stands, else four. All the
texts of a write go through numpy together, for one by one they would cost ten times that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint64]

BANDS = 12
ROWS = 3
LONGEST_TEXT = 20_000  # characters; what follows counts in the hash and in the comparison
TEXTS_AT_ONCE = 250  # keeps the arrays inside the processor's cache
FIRST_CJK = 0x2E80
SPREAD = np.uint64(0x9E3779B97F4A7C15)
FOLD = np.uint64(0xBF58476D1CE4E5B9)
PAD = 3
COUNTERS = 4
ONE_EACH = np.uint64(0x0001000100010001)

random = np.random.default_rng(20_261_123)
FACTORS = random.integers(0, 2**32, BANDS * ROWS, dtype=np.uint32) | np.uint32(1)
OFFSETS = random.integers(0, 2**32, BANDS * ROWS, dtype=np.uint32)


@dataclass(frozen=True)
class Fingerprint:
    simhash: int
    """The simhash package's value for these n-grams, as a signed 64-bit number."""
    keys: tuple[int, ...]
    """One signed 64-bit number a band; texts that share one are compared."""


def fingerprints(normalised: Sequence[str]) -> list[Fingerprint]:
    """Return a fingerprint for each normalised text."""
    found: list[Fingerprint] = []
    for start in range(0, len(normalised), TEXTS_AT_ONCE):
        found.extend(some_fingerprints(normalised[start : start + TEXTS_AT_ONCE]))
    return found


def some_fingerprints(normalised: Sequence[str]) -> list[Fingerprint]:
    hashes, starts = gram_hashes(normalised)
    values = simhashes(hashes, starts).view(np.int64).tolist()
    keys = band_keys(hashes, starts).view(np.int64).tolist()
    return [Fingerprint(value, tuple(row)) for value, row in zip(values, keys, strict=True)]


def grams(normalised: str) -> list[str]:
    """Cut a text as gram_hashes does: two characters from a Chinese one on, else four."""
    text = padded(normalised)
    return [
        text[at : at + (2 if ord(text[at]) >= FIRST_CJK else 4)] for at in range(len(text) - PAD)
    ]


def padded(normalised: str) -> str:
    return f" {normalised[:LONGEST_TEXT]}{' ' * PAD}"


def gram_hash(gram: str) -> int:
    """Hash one n-gram as gram_hashes does; simhash.Simhash takes it for its hashfunc."""
    value = 0
    for sign in gram:
        value = (value * int(SPREAD) + ord(sign)) % 2**64
    return int(mixed(np.array([value], dtype=np.uint64))[0])


def gram_hashes(normalised: Sequence[str]) -> tuple[Codes, npt.NDArray[np.int64]]:
    """Hash the n-grams of all texts into one array; say where each text's begin."""
    joined = "".join(map(padded, normalised))
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    wide = codes.astype(np.uint64)
    two = wide[:-3] * SPREAD + wide[1:-2]
    four = (two * SPREAD + wide[2:-1]) * SPREAD + wide[3:]
    hashes = mixed(np.where(codes[:-3] >= FIRST_CJK, two, four))
    lengths = np.array([len(text[:LONGEST_TEXT]) + 1 for text in normalised], dtype=np.int64)
    ends = np.cumsum(lengths + PAD)
    # A gram that would begin in the padding belongs to no text.
    is_gram = np.ones(len(codes), dtype=bool)
    for behind in range(1, PAD + 1):
        is_gram[ends - behind] = False
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    return hashes[is_gram[: len(hashes)]], starts


def mixed(values: Codes) -> Codes:
    """Spread every bit over all of them (the finaliser of splitmix64)."""
    values = (values ^ (values >> np.uint64(30))) * FOLD
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def simhashes(hashes: Codes, starts: npt.NDArray[np.int64]) -> Codes:
    """Give each bit that more than half of a text's hashes have: four counters in each word.

    A counter has 16 bits, which LONGEST_TEXT grams do not fill.
    """
    counts = np.diff(np.append(starts, len(hashes))).astype(np.uint64)
    values = np.zeros(len(starts), dtype=np.uint64)
    for shift in range(64 // COUNTERS):
        low = np.uint64(shift)
        sums = np.add.reduceat((hashes >> low) & ONE_EACH, starts)
        for counter in range(COUNTERS):
            place = np.uint64(counter * 16)
            is_set = 2 * ((sums >> place) & np.uint64(0xFFFF)) > counts
            values |= is_set.astype(np.uint64) << (place + low)
    return values


def band_keys(hashes: Codes, starts: npt.NDArray[np.int64]) -> Codes:
    """Return BANDS keys a text, each of ROWS minima of its permuted hashes."""
    short = (hashes >> np.uint64(32)).astype(np.uint32)
    keys = np.empty((len(starts), BANDS), dtype=np.uint64)
    for band in range(BANDS):
        key = np.full(len(starts), band, dtype=np.uint64)
        for row in range(band * ROWS, (band + 1) * ROWS):
            minima = np.minimum.reduceat(short * FACTORS[row] + OFFSETS[row], starts)
            key = key * SPREAD + minima
        keys[:, band] = mixed(key)
    return keys
