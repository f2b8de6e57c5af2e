"""Two reports side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from quality.evaluation import words

Report = Mapping[str, Any]


@dataclass(frozen=True)
class Difference:
    metric: str
    first: float | None
    second: float | None

    @property
    def change(self) -> float | None:
        if self.first is None or self.second is None:
            return None
        return round(self.second - self.first, 4)

    @property
    def label(self) -> str:
        return words.metric(self.metric)

    @property
    def shown(self) -> list[str]:
        """First, second and change in words; a share's change is in percentage points."""
        write = words.percent if self.metric in words.SHARES else words.number
        change = "–" if self.change is None else signed(write(self.change))
        return [write(self.first), write(self.second), change]


def signed(text: str) -> str:
    """Write a plus before a gain, and no sign before what is nothing when it is written."""
    if not any(digit in text for digit in "123456789"):
        return text.removeprefix("-")
    return text if text.startswith("-") else f"+{text}"


def compare(first: Report, second: Report) -> list[Difference]:
    """List the numbers of two reports; what only one of them has, with None in the other."""
    one, other = metrics(first), metrics(second)
    names = dict.fromkeys([*one, *other])
    return [Difference(name, one.get(name), other.get(name)) for name in names]


def metrics(report: Report) -> dict[str, float | None]:
    """Flatten the numbers of a report that are worth comparing."""
    made, statuses, scores = report["records"], report["statuses"], report["scores"]
    found: dict[str, float | None] = {
        "records": made,
        "accepted": report["accepted"],
        "acceptance": round(report["accepted"] / made, 4),
        "duplicates": round(report["duplicates"]["records"] / made, 4),
        **repeats(report),
        "malformed": round(statuses.get("malformed", 0) / made, 4),
        "rejected": round(statuses.get("rejected", 0) / made, 4),
        "median_length": report["lengths"]["median"],
        "mean_length": report["lengths"]["mean"],
    }
    diversity = report["diversity"]
    found |= {name: diversity[name] for name in diversity if name not in ("sample", "compared")}
    if scores:
        found["score"] = scores["mean"]
        found |= {f"part_{name}": mean for name, mean in scores["parts"].items()}
    return found | judge_metrics(report["judge"])


def repeats(report: Report) -> dict[str, float | None]:
    found = report.get("repeats")  # reports of before the search have none
    return {"repeats": round(found["records"] / report["accepted"], 4)} if found else {}


def judge_metrics(judge: Mapping[str, Any] | None) -> dict[str, float | None]:
    if judge is None:
        return {}
    score = {"judge_score": judge["score"]["mean"]} if judge["score"] else {}
    return score | {f"dimension_{row['name']}": row["mean"] for row in judge["dimensions"]}
