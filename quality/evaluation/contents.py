"""What the accepted records hold, gathered in one pass and in memory that does not grow."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from quality import diversity
from quality.content.texts import texts as texts_of
from quality.scoring import PARTS
from quality.scoring.texts import Leaves

SEED = 20_260_826
SAMPLE_RECORDS = 1000
COMPARED_RECORDS = 300
SAMPLE_CHARACTERS = 2000
LANGUAGE_CHARACTERS = 1000
MOST_FIELDS = 50
MOST_VALUES = 1000
VALUES_SHOWN = 50
VALUE_CHARACTERS = 100
LENGTH_EDGES = (0, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
SCORE_EDGES = tuple(range(0, 100, 10))

LETTERS = re.compile(r"[^\W\d_]")
SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]"), 0.1),
    ("ko", re.compile("[\uac00-\ud7af]"), 0.3),
    ("zh", re.compile("[\u3400-\u9fff]"), 0.3),
    ("ru", re.compile("[\u0400-\u04ff]"), 0.3),
    ("ar", re.compile("[\u0600-\u06ff]"), 0.3),
    ("latin", re.compile("[A-Za-z\u00c0-\u024f]"), 0.5),
)


class Contents:
    """Lengths, languages, fields, categories, scores and a sample of accepted records."""

    def __init__(self, field: str = "") -> None:
        self.field = field
        self.count = 0
        self.lengths: Counter[int] = Counter()
        self.languages: Counter[str] = Counter()
        self.values: Counter[str] = Counter()
        self.other_values = self.without_value = 0
        self.fields: dict[str, Counter[str]] = {}
        self.scores: Counter[float] = Counter()
        self.parts: Counter[str] = Counter()
        self.sample: list[str] = []
        self.random = random.Random(SEED)  # noqa: S311  a sample, not a secret

    def add(self, content: Any, score: float | None, parts: Mapping[str, float]) -> None:
        leaves = [leaf for leaf in Leaves(content).leaves if leaf.is_text]
        self.count += 1
        self.lengths[sum(map(len, texts_of(content)))] += 1
        # Labels are the same in many records, and should be.
        texts = [leaf.text for leaf in leaves if leaf.is_prose] or [leaf.text for leaf in leaves]
        whole = "\n".join(texts)[:SAMPLE_CHARACTERS]
        self.languages[language_of(whole[:LANGUAGE_CHARACTERS])] += 1
        self._add_fields(content)
        if self.field:
            self._add_value(content)
        if score is not None:
            self.scores[score] += 1
            self.parts.update({name: parts.get(name, 0) for name in PARTS})
        self._draw(whole)

    def _draw(self, text: str) -> None:
        """Keep a sample in which each record so far is equally likely."""
        if len(self.sample) < SAMPLE_RECORDS:
            self.sample.append(text)
            return
        place = int(self.random.random() * self.count)
        if place < SAMPLE_RECORDS:
            self.sample[place] = text

    def _add_fields(self, content: Any) -> None:
        if not isinstance(content, Mapping):
            return
        for name, value in content.items():
            if name not in self.fields and len(self.fields) >= MOST_FIELDS:
                continue
            counts = self.fields.setdefault(name, Counter())
            counts["records"] += 1
            counts["empty"] += value in (None, "", [], {})
            if isinstance(value, str):
                counts["texts"] += 1
                counts["characters"] += len(value)

    def _add_value(self, content: Any) -> None:
        value = content.get(self.field) if isinstance(content, Mapping) else None
        if value in (None, "", [], {}):
            self.without_value += 1
            return
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        text = text[:VALUE_CHARACTERS]
        if text in self.values or len(self.values) < MOST_VALUES:
            self.values[text] += 1
        else:
            self.other_values += 1

    # The sections of the report

    def length_section(self) -> dict[str, Any]:
        """Units: characters of all texts of a record."""
        return {**summary(self.lengths), "histogram": histogram(self.lengths, LENGTH_EDGES)}

    def language_section(self) -> dict[str, int]:
        return dict(self.languages.most_common())

    def balance_section(self) -> dict[str, Any] | None:
        if not self.field:
            return None
        shown = self.values.most_common(VALUES_SHOWN)
        rest = self.values.total() - sum(count for _value, count in shown)
        return {
            "field": self.field,
            "values": [{"value": value, "records": count} for value, count in shown],
            "others": rest + self.other_values,
            "without": self.without_value,
            "distinct": len(self.values),
        }

    def field_section(self) -> list[dict[str, Any]]:
        return [
            {
                "field": name,
                "records": counts["records"],
                "empty": counts["empty"],
                "mean_characters": ratio(counts["characters"], counts["texts"]),
            }
            for name, counts in self.fields.items()
        ]

    def score_section(self) -> dict[str, Any] | None:
        scored = self.scores.total()
        if not scored:
            return None
        return {
            **summary(self.scores),
            "records": scored,
            "parts": {name: ratio(self.parts[name], scored) for name in PARTS},
            "histogram": histogram(self.scores, SCORE_EDGES),
        }

    def diversity_section(self) -> dict[str, Any]:
        words = [diversity.tokens(text) for text in self.sample]
        likeness = diversity.self_similarity(words[:COMPARED_RECORDS])
        return {
            "sample": len(self.sample),
            "compared": min(len(words), COMPARED_RECORDS),
            **{f"distinct_{n}": rounded(diversity.distinct_share(words, n)) for n in (1, 2, 3)},
            "compression_ratio": rounded(diversity.compression_ratio(self.sample)),
            "mean_similarity": rounded(likeness.mean) if likeness else None,
            "nearest_similarity": rounded(likeness.nearest) if likeness else None,
        }


def language_of(text: str) -> str:
    """Name the writing system of most letters; "none" for a text without letters."""
    if text.isascii():
        return "latin" if LETTERS.search(text) else "none"
    letters = len(LETTERS.findall(text))
    if not letters:
        return "none"
    for name, pattern, share in SCRIPTS:
        if len(pattern.findall(text)) >= share * letters:
            return name
    return "other"


def histogram(counts: Counter[Any], edges: tuple[int, ...]) -> list[dict[str, Any]]:
    """Count what lies from each edge up to the next; the last bin has no end."""
    bins = [0] * len(edges)
    for value, count in counts.items():
        place = max(number for number, edge in enumerate(edges) if value >= edge)
        bins[place] += count
    ends = [*edges[1:], None]
    return [
        {"from": start, "to": end, "records": count}
        for start, end, count in zip(edges, ends, bins, strict=True)
    ]


def summary(counts: Counter[Any]) -> dict[str, Any]:
    total = counts.total()
    return {
        "least": min(counts, default=None),
        "median": percentile(counts, 0.5),
        "mean": ratio(sum(value * count for value, count in counts.items()), total),
        "ninetieth": percentile(counts, 0.9),
        "most": max(counts, default=None),
    }


def percentile(counts: Counter[Any], share: float) -> Any:
    """Return the smallest value that so large a share of the records does not exceed."""
    wanted = share * counts.total()
    seen = 0
    for value in sorted(counts):
        seen += counts[value]
        if seen >= wanted:
            return value
    return None


def ratio(part: float, whole: float) -> float | None:
    return rounded(part / whole) if whole else None


def rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
