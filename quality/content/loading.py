"""Rules out of the database, made ready once in each process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from quality.content.kinds import Action
from quality.content.rules import ActiveRule, Finder, finder
from quality.models.content_rule import ContentRule

RULES_KEPT = 200


def active(chosen: Iterable[Mapping[str, Any]]) -> tuple[ActiveRule, ...]:
    """Return the rules that a policy names, as {"rule": its number, "action": …}.

    A rule that was deleted since is left out.
    Cost: one query, and one more for each rule that changed since this process read it.
    """
    actions = {row["rule"]: row["action"] for row in chosen}
    if not actions:
        return ()
    rows = ContentRule.objects.filter(pk__in=actions).order_by("pk")
    return tuple(
        ActiveRule(name=name, action=Action(actions[pk]), find=_finder(pk, updated_at))
        for pk, name, updated_at in rows.values_list("pk", "name", "updated_at")
    )


@lru_cache(maxsize=RULES_KEPT)
def _finder(pk: int, updated_at: datetime) -> Finder:
    """Build the finder of a rule as it was at a time; a later change is another key."""
    return finder(ContentRule.objects.get(pk=pk).definition)
