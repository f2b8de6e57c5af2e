"""How well two raters agree, and which pass mark brings a judge closest to people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

HIGHEST_MARK = 100
STEP = 0.01  # judges' scores are rounded to it


def agreed_share(pairs: Sequence[tuple[Hashable, Hashable]]) -> float | None:
    """Return the share of pairs that are equal; None without any."""
    return sum(left == right for left, right in pairs) / len(pairs) if pairs else None


def kappa(pairs: Sequence[tuple[Hashable, Hashable]]) -> float | None:
    """Return Cohen's κ: agreement beyond what chance alone would bring.

    Units: 1 is complete, 0 is chance, below 0 is worse. None without pairs, or where both
    raters always said one and the same, so that there is nothing beyond chance to see.
    Source: Cohen, A Coefficient of Agreement for Nominal Scales, 1960.
    """
    if not pairs:
        return None
    total = len(pairs)
    left = Counter(pair[0] for pair in pairs)
    right = Counter(pair[1] for pair in pairs)
    by_chance = sum(left[value] * right[value] for value in left) / total**2
    if by_chance == 1:
        return None
    observed = sum(first == second for first, second in pairs) / total
    return (observed - by_chance) / (1 - by_chance)


def weighted_kappa(pairs: Sequence[tuple[float, float]], *, power: int = 2) -> float | None:
    """Return κ for numbers, where a near miss weighs less than a far one.

    Power 1 weighs by distance, 2 by its square. None as for kappa().
    Source: Cohen, Weighted Kappa, 1968.
    """
    if not pairs:
        return None
    left = Counter(pair[0] for pair in pairs)
    right = Counter(pair[1] for pair in pairs)
    by_chance = sum(
        abs(first - second) ** power * left[first] * right[second]
        for first in left
        for second in right
    ) / len(pairs)
    if by_chance == 0:
        return None
    return 1 - sum(abs(first - second) ** power for first, second in pairs) / by_chance


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A pass mark, with how a judge would have decided by it and what people said.

    Named after the judge's decision, then the people's.
    """

    threshold: float
    passed_approved: int
    passed_rejected: int
    failed_approved: int
    failed_rejected: int

    @property
    def total(self) -> int:
        return self.agreed + self.passed_rejected + self.failed_approved

    @property
    def agreed(self) -> int:
        return self.passed_approved + self.failed_rejected

    @property
    def agreement(self) -> float:
        return self.agreed / self.total

    @property
    def kappa(self) -> float | None:
        counts = {
            (True, True): self.passed_approved,
            (True, False): self.passed_rejected,
            (False, True): self.failed_approved,
            (False, False): self.failed_rejected,
        }
        return kappa([pair for pair, count in counts.items() for _one in range(count)])


def mark_at(threshold: float, labelled: Sequence[tuple[float, bool]]) -> Mark:
    """Count what a pass mark would have done; labelled holds scores and whether people approved."""
    counts = Counter((score >= threshold, approved) for score, approved in labelled)
    return Mark(
        threshold=threshold,
        passed_approved=counts[True, True],
        passed_rejected=counts[True, False],
        failed_approved=counts[False, True],
        failed_rejected=counts[False, False],
    )


def suggested_mark(labelled: Sequence[tuple[float, bool]]) -> Mark | None:
    """Return the pass mark that agrees most often with people; of equal ones the strictest.

    One that nothing passes must agree more often than all others. None where people
    approved everything or rejected everything: any mark would do.
    Cost: n log n.
    """
    approved = sum(is_approved for _score, is_approved in labelled)
    if approved in (0, len(labelled)):
        return None
    by_score = sorted(labelled)
    best, best_agreed = by_score[0][0], approved
    agreed = approved
    for place, (score, is_approved) in enumerate(by_score):
        # The mark moves above this record: now it fails.
        agreed += -1 if is_approved else 1
        following = by_score[place + 1][0] if place + 1 < len(by_score) else None
        if following is not None and following > score and agreed >= best_agreed:
            best, best_agreed = following, agreed
    highest = by_score[-1][0]
    if agreed > best_agreed and highest < HIGHEST_MARK:
        best = round(highest + STEP, 2)
    return mark_at(best, labelled)
