"""Codes of a report in words, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quality import findings
from quality.scoring import words as score_words
from synthesis.models import Record
from synthesis.templatetags.synthesis_admin import percent

STEPS = {
    "made": pgettext_lazy("records", "made"),
    "parsed": pgettext_lazy("records", "read from the reply"),
    "valid": pgettext_lazy("records", "well formed"),
    "unique": pgettext_lazy("records", "unique"),
    "content": pgettext_lazy("records", "passed the content rules"),
    "score": pgettext_lazy("records", "scored high enough"),
    "judge": pgettext_lazy("records", "passed the judge"),
    "accepted": pgettext_lazy("records", "accepted"),
}
LANGUAGES = {
    "zh": _("Chinese"),
    "ja": _("Japanese"),
    "ko": _("Korean"),
    "ru": _("Cyrillic script"),
    "ar": _("Arabic script"),
    "latin": _("English, or another language in Latin script"),
    "other": _("another script"),
    "none": _("no letters"),
}
METRICS = {
    "records": _("records made"),
    "accepted": _("records accepted"),
    "acceptance": _("share accepted"),
    "duplicates": _("share of duplicates"),
    "repeats": _("share of repeats among the accepted"),
    "malformed": _("share of malformed records"),
    "rejected": _("share of rejected records"),
    "median_length": _("median length, in characters"),
    "mean_length": _("mean length, in characters"),
    "distinct_1": _("different words, share of all (distinct-1)"),
    "distinct_2": _("different pairs of words (distinct-2)"),
    "distinct_3": _("different triples of words (distinct-3)"),
    "compression_ratio": _("compression ratio"),
    "mean_similarity": _("similarity of two records"),
    "nearest_similarity": _("similarity to the nearest record"),
    "score": _("mean rule score"),
    "judge_score": _("mean judge score"),
    **{f"part_{name}": label for name, label in score_words.LABELS.items()},
}
SHARES = frozenset(("acceptance", "duplicates", "repeats", "malformed", "rejected"))
ADVICE = {
    "good": _("Nothing in these figures asks for a change."),
    "lost_parsed": _(
        "%(share)s of the records could not be read from the replies. Give the template an output"
        " schema and an example, lower the temperature, or take a model that keeps to JSON."
    ),
    "lost_valid": _(
        "%(share)s of the records do not have the form they should have. Look at the findings, and"
        " say in the prompt what each field holds; the policy can also have records repaired."
    ),
    "lost_content": _(
        "%(share)s of the records were rejected for their content. Look at the rules that did it:"
        " either the prompt invites this, or the rules are too strict."
    ),
    "lost_score": _(
        "%(share)s of the records were rejected by their rule score. Look at the lowest part of"
        " the score below, or lower the policy's minimum."
    ),
    "lost_judge": _(
        "%(share)s of the records were rejected by the judge. Read its reasons, put what it misses"
        " into the prompt, or take a stronger model."
    ),
    "duplicates": _(
        "%(share)s of the records repeat others. Give the prompt more that varies: a list of"
        " topics, seed rows or documents; or raise the temperature."
    ),
    "repeats": _(
        "%(share)s of the accepted records repeat another accepted one. Find duplicates on the"
        " dataset's page, and let its policy look for near duplicates."
    ),
    "little_distinct": _(
        "The records use the same phrases again and again: only %(number)s of their word pairs"
        " differ. Vary topic, style and length in the prompt's variables."
    ),
    "compressible": _(
        "The texts can be compressed %(number)s times, where varied prose gives 2 to 3: they"
        " follow one pattern. Take several templates, or ask for different forms."
    ),
    "alike": _(
        "A record shares %(share)s of its phrases with the one most like it. Lower the policy's"
        " similarity of duplicates, or vary the prompt."
    ),
    "unbalanced": _(
        "“%(most)s” has %(most_count)s records, “%(least)s” only %(least_count)s. Set shares for"
        " the categories in the task, or ask for the rare ones in a task of their own."
    ),
    "mixed_languages": _(
        "%(share)s of the records are in another language than most. Name the language in the"
        " prompt, and let the policy check it."
    ),
    "empty_field": _(
        "The field “%(field)s” is empty in %(share)s of the records. Make it required, or leave"
        " it out."
    ),
    "uneven_lengths": _(
        "The longest record has %(most)s characters, the median only %(median)s. Set the longest"
        " record in the policy, or look at the longest ones."
    ),
    "low_score": _("The mean rule score is %(number)s. Look at the parts that pull it down."),
    "low_completeness": _(
        "Many records have empty fields or stop in the middle (%(number)s of 100). Raise the"
        " limit of tokens, or ask for fewer records per call."
    ),
    "low_length": _(
        "Many texts are very short or very long (%(number)s of 100). Say in the prompt how long"
        " they should be."
    ),
    "low_repetition": _(
        "Many texts repeat themselves (%(number)s of 100). Raise the frequency penalty, or take a"
        " stronger model."
    ),
    "low_diversity": _(
        "Many records begin alike (%(number)s of 100). Ask for different openings in the prompt."
    ),
    "low_readability": _(
        "Many texts are hard to read (%(number)s of 100): wrong encoding, or few words. Check the"
        " source material's encoding."
    ),
    "low_format": _(
        "Many texts hold gaps to fill in, or JSON (%(number)s of 100). Look at the worst records,"
        " and at the prompt's example."
    ),
    "judge_failed": _(
        "The judge gave %(count)s answers that could not be read; they count neither as passed nor"
        " as rejected. Take a model that keeps to JSON."
    ),
    "few_judged": _(
        "Only %(count)s records were judged, so the mean is uncertain. Raise the share of records"
        " that are judged."
    ),
    "low_dimension": _(
        "The judge gives “%(name)s” only %(number)s of 5. Read its reasons, and ask for it in the"
        " prompt."
    ),
    "few_records": _("With only %(count)s records, shares and means are rough."),
    "no_such_field": _("No accepted record has a value in the field “%(field)s”."),
    "not_scored": _("The records have no rule score yet; check them again to give them one."),
    "no_judge": _("No judge has scored these records. Choose one in the quality policy."),
}
# Findings that stand for many records, whose numbers differ.
WITHOUT_DETAILS = {
    "duplicate:near": _("It says the same as another record in slightly other words."),
    "duplicate:variant": _("It is like another record, but for a number, a name or a negation."),
    "score:below": _("The rule score is below the minimum."),
    "judge:below": _("The judge's score is below the pass mark."),
    "judge:disagreement": _("Two judges disagree."),
}
UNKNOWN = dict.fromkeys(("value", "limit", "rule_name"), "…")


def number(value: float | None) -> str:
    """Write a number with as many digits as it was kept with; a dash when there is none."""
    return "–" if value is None else number_format(value)


def advice(given: Mapping[str, Any]) -> str:
    """Say what an advice means; one that nobody knows any more is shown by its code."""
    code = str(given.get("code", ""))
    if code not in ADVICE:
        return code
    known = {name: value for name, value in given.items() if name != "code"}
    for name, value in known.items():
        if isinstance(value, int | float):
            known[name] = percent(value) if name == "share" else number(value)
    return str(ADVICE[code] % known)


def finding(key: str) -> str:
    """Say what a check found, without the details of a single record."""
    check, _mark, code = key.partition(":")
    if check == "status":
        return str(dict(Record.Status.choices).get(code, code))
    if key in WITHOUT_DETAILS:
        return str(WITHOUT_DETAILS[key])
    try:
        return findings.sentence({"check": check, "code": code, **UNKNOWN}) or key
    except KeyError:
        # A sentence that cannot do without the numbers of a record.
        return key


def metric(name: str) -> str:
    if name.startswith("dimension_"):
        return str(_("judge: %(name)s")) % {"name": name.removeprefix("dimension_")}
    return str(METRICS.get(name, name))
