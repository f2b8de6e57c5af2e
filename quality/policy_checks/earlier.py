"""Which records of a pass repeat earlier ones of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from quality import dedup, index
from quality.dedup import Draft
from quality.fingerprints import BANDS, number_of
from quality.policy_checks.chains import Chains
from quality.readings import Reading
from quality.shelves import LIVE, Rules, Stored, best
from synthesis.models import Record


class Earlier:
    """The records of a pass that count as twins: hashes and keys in memory, texts read anew.

    Cost: 0.25 KB a record that counts; the text of one that a mask would change.
    """

    def __init__(self, most: int) -> None:
        self.alike = Chains(most, BANDS)
        self.same = Chains(most, 1)
        self.masked: dict[int, str] = {}

    def mark(self, records: Sequence[Record], rules: Rules) -> None:
        """Mark the records that repeat one that counts, or one before them in the list."""
        fresh = [record for record in records if record.status in LIVE]
        drafts = dedup.fingerprinted(fresh, rules)
        if rules.also_datasets:
            look_elsewhere(drafts, rules)
        for draft in drafts:
            twin = next(self.same.ids_with(number_of(draft.digest)), None)
            if draft.exact is None and twin is not None:
                draft.exact = Stored(twin)
        if rules.near:
            self.propose(drafts, rules)
        else:
            for draft in drafts:
                draft.keys = ()
        for record, found in zip(fresh, dedup.first_matches(drafts, rules), strict=True):
            if found is not None:
                dedup.mark(record, found, fresh)

    def propose(self, drafts: Sequence[Draft], rules: Rules) -> None:
        chosen = [best(self.alike.sharing(draft.keys)) for draft in drafts]
        wanted = {pk for places in chosen for pk in places}
        rows = Record.objects.filter(pk__in=wanted).values_list("pk", "content", "simhash")
        text_of = dedup.text_by(rules)
        readings = {
            pk: Reading(self.masked.get(pk) or text_of(content), simhash)
            for pk, content, simhash in rows
        }
        for draft, places in zip(drafts, chosen, strict=True):
            here = [(Stored(pk), readings[pk]) for pk in places if pk in readings]
            draft.candidates = [*draft.candidates, *here]

    def add(self, records: Iterable[Record], rules: Rules) -> None:
        """Let later records be compared with these, which the checks have fingerprinted."""
        for record in records:
            self.same.add(record.pk, [number_of(record.content_hash)])
            if rules.near:
                self.alike.add(record.pk, record.index_keys or ())

    def remember_masked(self, record: Record, rules: Rules) -> None:
        """Compare later records with what the record will say, which is not stored yet."""
        self.masked[record.pk] = dedup.text_by(rules)(record.content)


def look_elsewhere(drafts: Sequence[Draft], rules: Rules) -> None:
    """Let drafts meet the stored records of the other datasets."""
    dedup.find_same(drafts, rules.also_datasets, ())
    if rules.near:
        index.propose(drafts, rules.also_datasets, (), dedup.text_by(rules))
