"""Let rules read texts and records, and write down what they find."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from quality.content.kinds import Action
from quality.content.rules import ActiveRule
from quality.content.subject import SEPARATOR, Hit, Subject, subjects
from quality.content.texts import paths, replaced, texts

if TYPE_CHECKING:
    from synthesis.models import Record

Finding = dict[str, Any]
SHOWN_PER_FINDING = 3
# Parts of a finding that are words of this program or names that people chose.
NEVER_QUOTED = {"check", "code", "action", "field", "rule_name"}
# An expression that took too long on so many records of a write is not tried on the others.
MOST_TIMEOUTS = 3


class Found(NamedTuple):
    rule: ActiveRule
    hits: list[Hit]


def examine(
    named: Mapping[str, str], rules: Iterable[ActiveRule], prompt_texts: Sequence[str] = ()
) -> list[Finding]:
    """Return what rules find in texts, which are named by their fields."""
    subject = Subject(list(named.values()), prompt_texts)
    return _findings(_search(subject, rules, Counter()), subject, list(named))


def apply(
    records: Iterable[Record], rules: Sequence[ActiveRule], prompt_texts: Sequence[str] = ()
) -> None:
    """Reject, flag and mask records that are about to be stored.

    Prompt texts are a template's instructions as they were written, without values: what a
    record quotes of its source is no leak. Masks also reach records that are not accepted, and
    what earlier checks quoted of them.
    """
    if not rules:
        return
    masks = [rule for rule in rules if rule.action == Action.MASK]
    timeouts: Counter[str] = Counter()
    read = list(records)
    written = [
        texts(record.content) if masks or record.status == record.Status.ACCEPTED else []
        for record in read
    ]
    for record, subject in zip(read, subjects(written, prompt_texts), strict=True):
        if masks and record.findings:
            record.findings = [_unquoted(one, masks, timeouts) for one in record.findings]
        active = rules if record.status == record.Status.ACCEPTED else masks
        if subject.texts and (found := _search(subject, active, timeouts)):
            _judge(record, found, subject)


def _judge(record: Record, found: list[Found], subject: Subject) -> None:
    findings = _findings(found, subject, list(paths(record.content)))
    if record.status == record.Status.ACCEPTED:
        record.findings = [*record.findings, *findings]
    else:
        # The last finding of a refused record is the one that decided.
        record.findings = [*findings, *record.findings]
    if any(one["action"] == Action.REJECT for one in findings):
        record.status = record.Status.REJECTED
    masked = [hit for one in found if one.rule.action == Action.MASK for hit in one.hits]
    if masked:
        record.content = replaced(record.content, _masked_texts(masked, subject))


def _unquoted(finding: Finding, masks: list[ActiveRule], timeouts: Counter[str]) -> Finding:
    quotes = {name: value for name, value in finding.items() if name not in NEVER_QUOTED}
    return {**finding, **_masked(quotes, masks, timeouts)}


def _masked(value: Any, masks: list[ActiveRule], timeouts: Counter[str]) -> Any:
    subject = Subject(texts(value))
    hits = [hit for one in _search(subject, masks, timeouts) for hit in one.hits]
    return replaced(value, _masked_texts(hits, subject)) if hits else value


def _search(subject: Subject, rules: Iterable[ActiveRule], timeouts: Counter[str]) -> list[Found]:
    found = []
    for rule in rules:
        if timeouts.get(rule.name, 0) >= MOST_TIMEOUTS:
            hits = [_TIMED_OUT]
        else:
            try:
                hits = rule.find(subject)
            except TimeoutError:
                timeouts[rule.name] += 1
                hits = [_TIMED_OUT]
        if hits:
            found.append(Found(rule, hits))
    return found


_TIMED_OUT = Hit("timeout", 0, 0, "", "")


def _findings(found: list[Found], subject: Subject, names: list[str]) -> list[Finding]:
    """Write one finding per rule and kind of thing found, never with personal data itself."""
    findings = []
    for rule, hits in found:
        by_code: dict[str, list[Hit]] = defaultdict(list)
        for hit in hits:
            by_code[hit.code].append(hit)
        for code, some in by_code.items():
            shown = dict.fromkeys(hit.shown for hit in some)
            findings.append(
                {
                    "check": "content",
                    "code": code,
                    "rule_name": rule.name,
                    # What was not read to its end is nobody's fault.
                    "action": Action.FLAG.value if code == "timeout" else rule.action.value,
                    "field": names[subject.number_at(some[0].start)],
                    "value": ", ".join(list(shown)[:SHOWN_PER_FINDING]),
                    "count": len(some),
                }
            )
    return findings


def _masked_texts(hits: list[Hit], subject: Subject) -> dict[int, str]:
    """Put the marks in place of what was found."""
    joined = subject.joined
    parts, end = [], 0
    for hit in _merged(hits):
        parts += [joined[end : hit.start], hit.mark]
        end = hit.end
    masked = "".join([*parts, joined[end:]])
    return {
        number: text
        for number, text in enumerate(masked.split(SEPARATOR))
        if text != subject.texts[number]
    }


def _merged(hits: list[Hit]) -> list[Hit]:
    """Make one hit of those that overlap, with the mark of the longest: no part stays in sight."""
    merged: list[Hit] = []
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end)):
        if merged and hit.start < merged[-1].end:
            before = merged.pop()
            longest = max(before, hit, key=lambda one: one.end - one.start)
            hit = longest._replace(start=before.start, end=max(before.end, hit.end))
        merged.append(hit)
    return merged
