"""What the numbers of a report mean, as codes with their numbers; words.py says them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from synthesis.models import Record

Report = Mapping[str, Any]

FEW_RECORDS = 100
MUCH_LOST = 0.1
MUCH_DUPLICATE = 0.1
REPEATS = 0.01
LITTLE_DISTINCT = 0.3
MUCH_COMPRESSED = 4.0
MUCH_ALIKE = 0.5
UNEVEN = 3.0
OTHER_LANGUAGE = 0.05
EMPTY_SHARE = 0.05
LONG_TAIL = 20
LOW_SCORE = 70.0
LOW_PART = 80.0
LOW_DIMENSION = 3.5
JUDGE_FAILURES = 0.05
WIDE_INTERVAL = 20.0


def of(report: Report) -> list[dict[str, Any]]:
    """List what should be done, the gravest first; "good" alone when nothing should."""
    advice = [
        *yield_advice(report),
        *variety_advice(report),
        *content_advice(report),
        *score_advice(report),
        *judge_advice(report),
    ]
    if not advice:
        advice = [{"code": "good"}]
    return [*advice, *notes(report)]


def notes(report: Report) -> Iterator[dict[str, Any]]:
    """Say what the report could not look at; a good dataset may have these, too."""
    if report["accepted"] < FEW_RECORDS:
        yield {"code": "few_records", "count": report["accepted"]}
    if report["balance"] and not report["balance"]["values"]:
        yield {"code": "no_such_field", "field": report["balance"]["field"]}
    if report["scores"] is None:
        yield {"code": "not_scored"}
    if report["judge"] is None:
        yield {"code": "no_judge"}


def share(part: float, whole: float) -> float:
    return round(part / whole, 4) if whole else 0.0


def yield_advice(report: Report) -> Iterator[dict[str, Any]]:
    for step in report["waterfall"]:
        # Who waits for the judge is not lost yet.
        count = step["lost"] - step["reasons"].get(f"status:{Record.Status.PENDING}", 0)
        lost = share(count, report["records"])
        if step["step"] not in ("unique", "accepted") and lost >= MUCH_LOST:
            yield {"code": f"lost_{step['step']}", "share": lost, "count": count}
    copies = share(report["duplicates"]["records"], report["records"])
    if copies >= MUCH_DUPLICATE:
        yield {"code": "duplicates", "share": copies, "count": report["duplicates"]["records"]}
    repeated = share(report["repeats"]["records"], report["accepted"])
    if repeated >= REPEATS:
        yield {"code": "repeats", "share": repeated, "count": report["repeats"]["records"]}


def variety_advice(report: Report) -> Iterator[dict[str, Any]]:
    found = report["diversity"]
    if report["accepted"] >= FEW_RECORDS and (found["distinct_2"] or 1.0) < LITTLE_DISTINCT:
        yield {"code": "little_distinct", "number": found["distinct_2"]}
    if (found["compression_ratio"] or 0) >= MUCH_COMPRESSED:
        yield {"code": "compressible", "number": found["compression_ratio"]}
    if (found["nearest_similarity"] or 0) >= MUCH_ALIKE:
        yield {"code": "alike", "share": found["nearest_similarity"]}


def content_advice(report: Report) -> Iterator[dict[str, Any]]:
    values = report["balance"]["values"] if report["balance"] else []
    if len(values) > 1 and values[0]["records"] >= UNEVEN * values[-1]["records"]:
        names = {"most": values[0]["value"], "least": values[-1]["value"]}
        counts = {"most_count": values[0]["records"], "least_count": values[-1]["records"]}
        yield {"code": "unbalanced", **names, **counts}
    languages = [n for name, n in report["languages"].items() if name != "none"]
    others = share(sum(languages[1:]), report["accepted"])
    if others >= OTHER_LANGUAGE:
        yield {"code": "mixed_languages", "share": others}
    for field in report["fields"]:
        empty = share(field["empty"], report["accepted"])
        if empty >= EMPTY_SHARE:
            yield {"code": "empty_field", "field": field["field"], "share": empty}
    lengths = report["lengths"]
    if lengths["most"] > LONG_TAIL * max(lengths["median"], 1):
        yield {"code": "uneven_lengths", "median": lengths["median"], "most": lengths["most"]}


def score_advice(report: Report) -> Iterator[dict[str, Any]]:
    scores = report["scores"]
    if scores is None:
        return
    if scores["mean"] < LOW_SCORE:
        yield {"code": "low_score", "number": scores["mean"]}
    for name, mean in scores["parts"].items():
        if mean < LOW_PART:
            yield {"code": f"low_{name}", "number": mean}


def judge_advice(report: Report) -> Iterator[dict[str, Any]]:
    judge = report["judge"]
    if judge is None:
        return
    if share(judge["failed"], judge["failed"] + judge["judgements"]) >= JUDGE_FAILURES:
        yield {"code": "judge_failed", "count": judge["failed"]}
    score = judge["score"]
    if score and score["low"] is not None and score["high"] - score["low"] >= WIDE_INTERVAL:
        yield {"code": "few_judged", "count": judge["records"]}
    for dimension in judge["dimensions"]:
        if dimension["mean"] < LOW_DIMENSION:
            yield {
                "code": "low_dimension",
                "name": dimension["name"],
                "number": dimension["mean"],
            }
