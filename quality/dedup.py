"""Which texts repeat earlier ones: in memory, and against what a dataset holds.

Candidates are what shares a fingerprint key (quality.fingerprints); quality.likeness reads
both texts and decides. Records and plain texts go through the same steps.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from django.db import connection

from quality import index
from quality.fingerprints import fingerprints
from quality.likeness import Likeness, Verdict
from quality.models import Band
from quality.normalise import in_order, normalise_all, normalised_all, texts_of
from quality.readings import Reading
from quality.shelves import LIVE, Match, Rules, Shelf, Stored, best, match
from synthesis.models import Dataset, Record, Run

SAME = Likeness(Verdict.DUPLICATE, 1.0)
USUAL = Rules()


def duplicate_of(texts: Sequence[str], rules: Rules = USUAL) -> list[int | None]:
    """For each text the index of the earlier text that it repeats; None for new ones.

    Variants (another number, name or negation) are no repeats.
    Cost: linear in the texts, about 300 µs each.
    """
    return of_verdict(Verdict.DUPLICATE, texts, rules)


def variant_of(texts: Sequence[str], rules: Rules = USUAL) -> list[int | None]:
    """For each text the index of the earlier text that it varies; None for all others."""
    return of_verdict(Verdict.VARIANT, texts, rules)


def of_verdict(verdict: Verdict, texts: Sequence[str], rules: Rules) -> list[int | None]:
    return [
        int(found.place) if found and found.likeness.verdict == verdict else None
        for found in matches(texts, rules)
    ]


def matches(texts: Sequence[str], rules: Rules = USUAL) -> list[Match | None]:
    """For each text the earlier one that it repeats or varies, and how alike they are."""
    normal = normalise_all(texts)
    prints = fingerprints(normal) if rules.near else [None] * len(texts)
    return first_matches(
        [
            Draft(
                Reading(text, found.simhash if found else None),
                digest,
                found.keys if found else (),
            )
            for text, digest, found in zip(texts, normal, prints, strict=True)
        ],
        rules,
    )


@dataclass
class Draft:
    """A text on its way in, and what the database proposes for its twin."""

    reading: Reading
    digest: str
    keys: Sequence[int]
    exact: Stored | None = None
    candidates: Sequence[tuple[int, Reading]] = ()


def first_matches(drafts: Sequence[Draft], rules: Rules) -> list[Match | None]:
    """Decide for each draft in order; what repeats another is nobody's twin."""
    first: dict[str, Match] = {}
    shelf = Shelf()
    # Hardly any key is met twice: nobody looks for the others.
    numbers = Counter(chain.from_iterable(draft.keys for draft in drafts))
    met = {key for key, number in numbers.items() if number > 1}
    found: list[Match | None] = []
    for place, draft in enumerate(drafts):
        if draft.exact is not None:
            found.append(Match(draft.exact, SAME))
            continue
        if draft.digest in first:
            found.append(first[draft.digest])
            continue
        keys = met.intersection(draft.keys)
        near = [(other, drafts[other].reading) for other in best(shelf.sharing(keys))]
        closest = match(draft.reading, [*draft.candidates, *near], rules)
        found.append(closest)
        if closest is not None and closest.likeness.verdict == Verdict.DUPLICATE:
            first[draft.digest] = closest
        else:
            first[draft.digest] = Match(place, SAME)
            shelf.add(place, keys)
    return found


def digest_of(form: Any) -> str:
    """Return the SHA-256 of a normalised content, as 64 hex digits."""
    return hashlib.sha256(in_order(form).encode()).hexdigest()


def mark_duplicates(records: list[Record], dataset: Dataset, rules: Rules = USUAL) -> None:
    """Mark the records that repeat a stored one, or one before them in the list; link variants.

    The caller holds the dataset's lock, so nothing can slip in between.
    Cost: three queries, whatever the number of records.
    """
    fresh = [record for record in records if record.status in LIVE]
    drafts = fingerprinted(fresh, rules)
    scope = (dataset.pk, *rules.also_datasets)
    edited = {record.pk for record in fresh if record.pk}
    find_same(drafts, scope, edited)
    if rules.near:
        full = index.propose(drafts, scope, edited, text_by(rules))
        for record in fresh if full else ():
            record.index_keys = [key for key in record.index_keys or () if key not in full]
    else:
        for draft in drafts:
            draft.keys = ()
    for record, found in zip(fresh, first_matches(drafts, rules), strict=True):
        if found is not None:
            mark(record, found, fresh)


def fingerprinted(records: Sequence[Record], rules: Rules) -> list[Draft]:
    """Give records their hash, simhash and keys; return what is compared of them."""
    selected = [selection(record.content, rules.fields) for record in records]
    forms = normalised_all(selected)
    prints = fingerprints([" ".join(texts_of(form)) for form in forms])
    drafts = []
    for record, content, form, found in zip(records, selected, forms, prints, strict=True):
        record.content_hash, record.simhash = digest_of(form), found.simhash
        record.index_keys = found.keys
        reading = Reading(joined(content), found.simhash)
        drafts.append(Draft(reading, record.content_hash, found.keys))
    return drafts


def fingerprint(records: Sequence[Record]) -> None:
    """Give records their hash, simhash and keys by what their runs' templates compare.

    Cost: one query.
    """
    compared = fields_by_run({record.run_id for record in records if record.run_id})
    groups: dict[tuple[str, ...] | None, list[Record]] = defaultdict(list)
    for record in records:
        groups[compared.get(record.run_id)].append(record)
    for fields, group in groups.items():
        fingerprinted(group, Rules(fields=fields))


def fields_by_run(ids: Collection[int]) -> dict[int | None, tuple[str, ...]]:
    """Map runs to the fields that their templates compare; those that compare all are left out."""
    runs = Run.objects.filter(pk__in=ids)
    rows = runs.values_list("pk", "template_version__compared_fields") if ids else ()
    return {pk: tuple(fields) for pk, fields in rows if fields}


def selection(content: Any, fields: Sequence[str] | None) -> Any:
    """Return the fields that count; all of them where a record has none of those."""
    if not fields or not isinstance(content, dict):
        return content
    return {name: content[name] for name in fields if name in content} or content


def joined(content: Any) -> str:
    return "\n".join(texts_of(content))


def text_by(rules: Rules) -> Callable[[Any], str]:
    return lambda content: joined(selection(content, rules.fields))


def find_same(drafts: Sequence[Draft], scope: Sequence[int], edited: Collection[int]) -> None:
    """Note the stored records that have the same hash."""
    pairs = ids_by_hash({draft.digest for draft in drafts}, scope, edited)
    for draft in drafts:
        if draft.digest in pairs:
            draft.exact = Stored(pairs[draft.digest])


def accepted_by_hash(records: Sequence[Record], dataset: Dataset) -> dict[str, int]:
    """Map hashes to the other records of the dataset that carry them and count."""
    own = {record.pk for record in records if record.pk}
    return ids_by_hash({record.content_hash for record in records}, [dataset.pk], own)


def ids_by_hash(
    hashes: Collection[str], scope: Sequence[int], edited: Collection[int]
) -> dict[str, int]:
    """Map hashes to the oldest records of the datasets that carry them and count.

    Cost: one query by the unique index. The conditions are in its own words, for neither
    database takes it for many hashes otherwise; SQLite has to be told, too. One text holds all
    hashes: the driver takes as long for hundreds of marks as the database for the answer.
    """
    hashes = {digest for digest in hashes if digest}
    if not hashes:
        return {}
    marks = ", ".join(["%s"] * len(scope))
    hint, among, listed = "", "= ANY(%s::text[])", f"{{{','.join(hashes)}}}"
    if connection.vendor == "sqlite":
        hint = "INDEXED BY one_accepted_record_per_content"
        among, listed = "IN (SELECT value FROM json_each(%s))", json.dumps([*hashes])
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT content_hash, id FROM synthesis_record {hint}"  # noqa: S608  own words
            f" WHERE dataset_id IN ({marks}) AND content_hash {among}"
            " AND status IN ('accepted', 'pending') AND NOT (content_hash = '') ORDER BY id DESC",
            [*scope, listed],
        )
        return {digest: pk for digest, pk in cursor.fetchall() if pk not in edited}


def mark(record: Record, found: Match, fresh: Sequence[Record]) -> None:
    """Write on a record what it repeats or varies."""
    likeness = found.likeness
    finding: dict[str, Any] = {"check": "duplicate", "code": "exact"}
    if likeness is not SAME:
        finding |= {"code": "near", "similarity": round(likeness.similarity, 3)}
    if likeness.verdict == Verdict.VARIANT:
        parts = {"reason": likeness.reason, "ours": likeness.ours, "theirs": likeness.theirs}
        finding |= {"code": "variant", **parts}
    else:
        record.status = Record.Status.DUPLICATE
    record.findings = [*record.findings, finding]
    if isinstance(found.place, Stored):
        record.duplicate_of_id = int(found.place)
    elif fresh[found.place].pk:
        record.duplicate_of_id = fresh[found.place].pk
    else:
        record.twin = fresh[found.place]


def enter_index(records: Sequence[Record], dataset: Dataset, *, created: bool) -> None:
    """Enter the stored records that count as twins for later ones."""
    live = [record for record in records if record.status in LIVE]
    # A person may have accepted what the checks had not looked at as a twin.
    fingerprint([record for record in live if record.index_keys is None])
    keys = np.array([key for record in live for key in record.index_keys or ()], dtype=np.int64)
    if not len(keys):
        return
    numbers = np.array([(record.pk, record.simhash) for record in live], dtype=np.int64)
    owners = np.repeat(np.arange(len(live)), [len(record.index_keys or ()) for record in live])
    rows = np.column_stack([keys, numbers[owners]])
    enter = Band.objects.enter_new if created else Band.objects.enter
    # In the order of the keys, neighbours are written to the same page.
    enter(dataset.pk, rows[keys.argsort()])
