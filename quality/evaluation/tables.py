"""A report as tables, which the page, the HTML file and the workbook all show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from quality.evaluation import words
from quality.scoring import words as score_words
from synthesis.models import Record

Report = Mapping[str, Any]
Cell = str | int | float | None


@dataclass(frozen=True)
class Row:
    cells: list[Cell]
    share: float | None = None
    """How long the row's bar is, 0 to 1; None for no bar."""
    record: int | None = None
    """The record that the row is about."""


@dataclass(frozen=True)
class Table:
    key: str
    title: str
    head: list[str]
    rows: list[Row]
    note: str = ""
    numbers: frozenset[int] = field(default_factory=frozenset)
    """Columns with numbers, from 0."""

    @property
    def has_bars(self) -> bool:
        return any(row.share is not None for row in self.rows)


def of(report: Report) -> list[Table]:
    """List the tables of a report that have anything to show."""
    made = [
        waterfall(report),
        reasons(report),
        findings(report),
        duplicates(report),
        repeats(report),
        lengths(report),
        languages(report),
        balance(report),
        fields(report),
        diversity(report),
        score_parts(report),
        scores(report),
        judge(report),
        reviews(report),
        worst(report),
    ]
    return [table for table in made if table is not None and table.rows]


def part(count: float, whole: float) -> float:
    return count / whole if whole else 0.0


def waterfall(report: Report) -> Table:
    made = report["records"]
    rows = [
        Row(
            [
                str(words.STEPS.get(step["step"], step["step"])),
                step["left"],
                step["lost"],
                words.percent(part(step["left"], made)),
            ],
            part(step["left"], made),
        )
        for step in report["waterfall"]
    ]
    head = [_("step"), _("records left"), _("lost here"), _("share left")]
    return Table("waterfall", _("Yield, step by step"), head, rows, numbers=frozenset((1, 2, 3)))


def reasons(report: Report) -> Table:
    lost = report["records"] - report["accepted"]
    rows = [
        Row(
            [
                str(words.STEPS.get(step["step"], step["step"])),
                words.finding(key),
                count,
                words.percent(part(count, report["records"])),
            ],
            part(count, lost),
        )
        for step in report["waterfall"]
        for key, count in step["reasons"].items()
    ]
    head = [_("not passed"), _("reason"), _("records"), _("share")]
    title = _("Why records were lost")
    return Table("reasons", title, head, rows, numbers=frozenset((2, 3)))


def findings(report: Report) -> Table:
    rows = [
        Row(
            [words.finding(found["key"]), found["records"], found["accepted"]],
            part(found["records"], report["records"]),
        )
        for found in report["findings"]
    ]
    head = [_("finding"), _("records"), _("of these accepted")]
    return Table("findings", _("What the checks found"), head, rows, numbers=frozenset((1, 2)))


def duplicates(report: Report) -> Table:
    found = report["duplicates"]
    rows = [
        Row(
            [_("record %(number)s") % {"number": twin["record"]}, twin["copies"]],
            record=twin["record"],
        )
        for twin in found["largest"]
    ]
    note = _(
        "%(records)s duplicates, %(share)s of all: %(exact)s with the same content, %(near)s that"
        " say the same in slightly other words. They repeat %(clusters)s records; %(variants)s"
        " variants were kept."
    ) % {**found, "share": words.percent(part(found["records"], report["records"]))}
    top = max((twin["copies"] for twin in found["largest"]), default=0)
    rows = [Row(row.cells, part(int(row.cells[1] or 0), top), row.record) for row in rows]
    head = [_("most repeated"), _("copies")]
    if not rows:
        rows = [Row([_("none"), 0])]
    return Table("duplicates", _("Duplicates"), head, rows, note, frozenset((1,)))


def repeats(report: Report) -> Table | None:
    found = report.get("repeats")  # reports of before the search have none
    if not found or not found["records"]:
        return None
    top = found["largest"][0]["copies"]
    rows = [
        Row(
            [_("record %(number)s") % {"number": twin["record"]}, twin["copies"]],
            part(twin["copies"], top),
            twin["record"],
        )
        for twin in found["largest"]
    ]
    note = _(
        "%(records)s accepted records, %(share)s of them, repeat one of %(clusters)s others:"
        " %(exact)s with the same content, %(near)s in slightly other words."
    ) % {**found, "share": words.percent(part(found["records"], report["accepted"]))}
    head = [_("most repeated"), _("copies")]
    title = _("Repeats among the accepted records")
    return Table("repeats", title, head, rows, note, frozenset((1,)))


def bins(histogram: Iterable[Mapping[str, Any]]) -> list[Row]:
    listed = list(histogram)
    top = max((entry["records"] for entry in listed), default=0)
    return [
        Row([bin_name(entry), entry["records"]], part(entry["records"], top)) for entry in listed
    ]


def bin_name(entry: Mapping[str, Any]) -> str:
    if entry["to"] is None:
        return _("%(start)s and more") % {"start": words.number(entry["from"])}
    bounds = {"start": words.number(entry["from"]), "end": words.number(entry["to"])}
    return _("%(start)s to below %(end)s") % bounds


def spread(summary: Mapping[str, Any]) -> str:
    names = ("least", "median", "mean", "ninetieth", "most")
    return _(
        "Least %(least)s, median %(median)s, mean %(mean)s, 90%% have at most %(ninetieth)s, most"
        " %(most)s."
    ) % {name: words.number(summary[name]) for name in names}


def lengths(report: Report) -> Table:
    rows = bins(report["lengths"]["histogram"])
    head = [_("characters"), _("records")]
    note = spread(report["lengths"])
    return Table("lengths", _("Length"), head, rows, note, frozenset((1,)))


def languages(report: Report) -> Table:
    rows = counted(
        (str(words.LANGUAGES.get(name, name)), count) for name, count in report["languages"].items()
    )
    head = [_("language"), _("records"), _("share")]
    return Table("languages", _("Language"), head, rows, numbers=frozenset((1, 2)))


def counted(pairs: Iterable[tuple[str, int]]) -> list[Row]:
    listed = list(pairs)
    whole = sum(count for _name, count in listed)
    return [
        Row([name, count, words.percent(part(count, whole))], part(count, whole))
        for name, count in listed
    ]


def balance(report: Report) -> Table | None:
    found = report["balance"]
    if found is None:
        return None
    pairs = [(entry["value"], entry["records"]) for entry in found["values"]]
    extra = [(_("other values"), found["others"]), (_("no value"), found["without"])]
    rows = counted([*pairs, *(pair for pair in extra if pair[1])])
    title = _("Balance of “%(field)s”") % {"field": found["field"]}
    head = [_("value"), _("records"), _("share")]
    return Table("balance", title, head, rows, numbers=frozenset((1, 2)))


def fields(report: Report) -> Table:
    rows = [
        Row(
            [found["field"], found["records"], found["empty"], found["mean_characters"]],
            part(found["records"] - found["empty"], report["accepted"]),
        )
        for found in report["fields"]
    ]
    head = [_("field"), _("records"), _("empty"), _("mean characters")]
    return Table("fields", _("Fields"), head, rows, numbers=frozenset((1, 2, 3)))


def diversity(report: Report) -> Table:
    found = report["diversity"]
    names = ("distinct_1", "distinct_2", "distinct_3", "compression_ratio")
    names += ("mean_similarity", "nearest_similarity")
    rows = [
        Row([words.metric(name), found[name]], None if name == "compression_ratio" else found[name])
        for name in names
    ]
    note = _(
        "From a sample of %(sample)s records, the similarities from %(compared)s. Varied prose has"
        " a compression ratio of 2 to 3; a pattern filled in again and again, of 8 and more."
    ) % {"sample": found["sample"], "compared": found["compared"]}
    head = [_("measure"), _("value")]
    return Table("diversity", _("Diversity"), head, rows, note, frozenset((1,)))


def score_parts(report: Report) -> Table | None:
    found = report["scores"]
    if found is None:
        return None
    rows = [
        Row([str(score_words.LABELS.get(name, name)), mean], mean / 100)
        for name, mean in found["parts"].items()
    ]
    head = [_("part of the score"), pgettext("average", "mean")]
    return Table("score_parts", _("Rule score by its parts"), head, rows, numbers=frozenset((1,)))


def scores(report: Report) -> Table | None:
    found = report["scores"]
    if found is None:
        return None
    rows = bins(found["histogram"])
    # The last bin of a score has an end: 100 itself lies in it.
    rows[-1].cells[0] = _("%(start)s to %(end)s") % {"start": "90", "end": "100"}
    head = [_("score"), _("records")]
    return Table("scores", _("Rule score"), head, rows, spread(found), frozenset((1,)))


def judge(report: Report) -> Table | None:
    found = report["judge"]
    if found is None:
        return None
    rows = [
        judge_row(dimension["name"], dimension, 5.0, least=1.0) for dimension in found["dimensions"]
    ]
    if found["score"]:
        rows.insert(0, judge_row(_("score, 0 to 100"), found["score"], 100.0))
    note = _(
        "%(records)s records judged, %(judgements)s judgements, %(passed)s passed. %(failed)s"
        " answers could not be read. Intervals are of 95%% confidence."
    ) % {name: found[name] for name in ("records", "judgements", "passed", "failed")}
    head = [
        _("dimension"),
        pgettext("average", "mean"),
        pgettext("interval", "from"),
        pgettext("interval", "to"),
        _("judgements"),
    ]
    return Table("judge", _("Judge"), head, rows, note, frozenset((1, 2, 3, 4)))


def judge_row(name: str, found: Mapping[str, Any], most: float, least: float = 0.0) -> Row:
    cells = [name, found["mean"], found["low"], found["high"], found["count"]]
    return Row(cells, (found["mean"] - least) / (most - least))


def reviews(report: Report) -> Table:
    labels = dict(Record.Review.choices)
    rows = counted((str(labels.get(name, name)), n) for name, n in report["reviews"].items())
    head = [_("review"), _("records"), _("share")]
    return Table("reviews", _("Review by people"), head, rows, numbers=frozenset((1, 2)))


def worst(report: Report) -> Table:
    rows = [
        Row(
            [found["record"], found["score"], weakest(found["parts"]), found["excerpt"]],
            record=found["record"],
        )
        for found in report["worst"]
    ]
    head = [_("record"), _("score"), _("weakest part"), _("text")]
    title = _("The records with the lowest scores")
    return Table("worst", title, head, rows, numbers=frozenset((0, 1)))


def weakest(parts: Mapping[str, float]) -> str:
    if not parts:
        return "–"
    name = min(parts, key=lambda part: parts[part])
    return f"{score_words.LABELS.get(name, name)}: {words.number(parts[name])}"


def figures(report: Report) -> list[tuple[str, str]]:
    """List the few numbers that a reader wants first."""
    made, scored, judged = report["records"], report["scores"], report["judge"]
    found: Sequence[tuple[str, str]] = (
        (_("records made"), words.number(made)),
        (_("records accepted"), words.number(report["accepted"])),
        (_("share accepted"), words.percent(part(report["accepted"], made))),
        (_("share of duplicates"), words.percent(part(report["duplicates"]["records"], made))),
        (_("mean rule score"), words.number(scored and scored["mean"])),
        (
            _("mean judge score"),
            words.number(judged and judged["score"] and judged["score"]["mean"]),
        ),
    )
    return list(found)


def advice(report: Report) -> list[str]:
    return [words.advice(given) for given in report["advice"]]
