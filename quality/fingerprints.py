"""Fingerprints of texts, many at once: simhash, and the MinHash keys of the index.

Both are made of a text's n-grams: two characters where Chinese stands, else four. All the
texts of a write go through numpy together, for one by one they would cost ten times that.

The keys are made of a text's rarer n-grams as far as it has any, for "the" and 我们 would give
each of a million texts some hundred others to be compared with; and of six letters instead of
four, for among half a million English texts still some seventy would share each key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from simhash import Simhash

from quality import vocabulary
from quality.characters import codes_of

Codes = npt.NDArray[np.uint64]

# Raised with whatever makes other keys, simhashes or content hashes of the same record: what
# was indexed before is then indexed anew (quality.renewal).
VERSION = 2
BANDS = 10
ROWS = 3
LONGEST_TEXT = 20_000  # characters; what follows counts in the hash and in the comparison
TEXTS_AT_ONCE = 250  # keeps the arrays inside the processor's cache
FIRST_CJK = 0x2E80
SPREAD = np.uint64(0x9E3779B97F4A7C15)
FOLD = np.uint64(0xBF58476D1CE4E5B9)
PAD = 5  # a gram of the last letter ends there, whatever text comes next
COUNTERS = 4
ONE_EACH = np.uint64(0x0001000100010001)
COMMON_BITS = 20  # of a hash, by which common grams are known
LATE = np.uint32(0xC0000000)  # where the hashes of common grams begin

random = np.random.default_rng(20_261_123)
FACTORS = random.integers(0, 2**32, BANDS * ROWS, dtype=np.uint32) | np.uint32(1)
OFFSETS = random.integers(0, 2**32, BANDS * ROWS, dtype=np.uint32)


@dataclass(frozen=True)
class Grams:
    """The n-grams of many texts, one text after the other."""

    hashes: Codes
    longer: npt.NDArray[np.uint32]
    """What the keys are made of: six letters from each place on, or two characters."""
    starts: npt.NDArray[np.int64]
    """Where each text's begin."""


@dataclass(frozen=True)
class Fingerprint:
    simhash: int
    """The simhash package's value for these n-grams, as a signed 64-bit number."""
    keys: tuple[int, ...]
    """One signed 64-bit number a band; texts that share one are compared."""


def number_of(digest: str) -> int:
    """Return the first 64 bits of a hash of a content: enough to tell a million apart."""
    return int.from_bytes(bytes.fromhex(digest)[:8], signed=True)


def fingerprints(normalised: Sequence[str]) -> list[Fingerprint]:
    """Return a fingerprint for each normalised text."""
    found: list[Fingerprint] = []
    for start in range(0, len(normalised), TEXTS_AT_ONCE):
        found.extend(some_fingerprints(normalised[start : start + TEXTS_AT_ONCE]))
    return found


def some_fingerprints(normalised: Sequence[str]) -> list[Fingerprint]:
    found = hashed_grams(normalised)
    values = simhashes(found).view(np.int64).tolist()
    keys = keys_of(minima(found)).view(np.int64).tolist()
    return [Fingerprint(value, tuple(row)) for value, row in zip(values, keys, strict=True)]


def simhash_of(normalised: str) -> int:
    """Return a text's simhash as the simhash package makes it: what the fast ones must equal."""
    features, hashed = grams(normalised), lambda gram: gram_hash(gram.decode())
    return int(Simhash(features, hashfunc=hashed).value)


def is_as_defined(normalised: str) -> bool:
    """Tell whether this machine's numpy gives a text the package's simhash."""
    return int(simhashes(hashed_grams([normalised]))[0]) == simhash_of(normalised)


def grams(normalised: str) -> list[str]:
    """Cut a text as hashed_grams does: two characters from a Chinese one on, else four."""
    text = padded(normalised)
    return [
        text[at : at + (2 if ord(text[at]) >= FIRST_CJK else 4)] for at in range(len(text) - PAD)
    ]


def padded(normalised: str) -> str:
    return f" {normalised[:LONGEST_TEXT]}{' ' * PAD}"


def gram_hash(gram: str) -> int:
    """Hash one n-gram as hashed_grams does; the package takes it for its hashfunc."""
    value = 0
    for sign in gram:
        value = (value * int(SPREAD) + ord(sign)) % 2**64
    return int(mixed(np.array([value], dtype=np.uint64))[0])


def hashed_grams(normalised: Sequence[str]) -> Grams:
    """Hash the n-grams of all texts into one array."""
    joined = "".join(map(padded, normalised))
    codes = codes_of(joined)
    wide = codes.astype(np.uint64)
    two = wide[:-3] * SPREAD + wide[1:-2]
    four = (two * SPREAD + wide[2:-1]) * SPREAD + wide[3:]
    is_cjk = codes[:-3] >= FIRST_CJK
    hashes = mixed(np.where(is_cjk, two, four))
    short = (hashes >> np.uint64(32)).astype(np.uint32)
    longer = short.copy()
    # Two hashes of four letters, two letters apart, are one of six.
    np.add(short[:-2] * FACTORS[0], short[2:], out=longer[:-2], where=~is_cjk[:-2])
    lengths = np.array([len(text[:LONGEST_TEXT]) + 1 for text in normalised], dtype=np.int64)
    ends = np.cumsum(lengths + PAD)
    # A gram that would begin in the padding belongs to no text.
    is_gram = np.ones(len(codes), dtype=bool)
    for behind in range(1, PAD + 1):
        is_gram[ends - behind] = False
    is_gram = is_gram[: len(hashes)]
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    return Grams(hashes[is_gram], longer[is_gram], starts)


def mixed(values: Codes) -> Codes:
    """Spread every bit over all of them (the finaliser of splitmix64)."""
    values = (values ^ (values >> np.uint64(30))) * FOLD
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def simhashes(grams: Grams) -> Codes:
    """Give each bit that more than half of a text's hashes have: four counters in each word.

    A counter has 16 bits, which LONGEST_TEXT grams do not fill.
    """
    hashes, starts = grams.hashes, grams.starts
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


def minima(grams: Grams) -> npt.NDArray[np.uint32]:
    """Return the least of each text's hashes in every permutation; common grams come late."""
    known_by = (grams.hashes >> np.uint64(64 - COMMON_BITS)).astype(np.uint32)
    late = np.where(common_grams()[known_by], LATE, np.uint32(0))
    found = np.empty((BANDS * ROWS, len(grams.starts)), dtype=np.uint32)
    for row, (factor, offset) in enumerate(zip(FACTORS, OFFSETS, strict=True)):
        permuted = grams.longer * factor
        permuted += offset
        permuted |= late
        np.minimum.reduceat(permuted, grams.starts, out=found[row])
    return found


def keys_of(least: npt.NDArray[np.uint32]) -> Codes:
    """Return BANDS keys a text, each of ROWS minima."""
    rows = least.reshape(BANDS, ROWS, -1)
    keys = np.arange(BANDS, dtype=np.uint64)[:, np.newaxis]
    for row in range(ROWS):
        keys = keys * SPREAD + rows[:, row]
    return mixed(keys).T


@cache
def common_grams() -> npt.NDArray[np.bool_]:
    """Mark the first bits of the hashes of grams that most texts have."""
    table = np.zeros(2**COMMON_BITS, dtype=np.bool_)
    for gram in vocabulary.listed("common_grams"):
        table[gram_hash(gram.replace("_", " ")) >> (64 - COMMON_BITS)] = True
    return table
