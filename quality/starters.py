"""What every installation starts with: rubrics, and three policies."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop

from quality import rubrics, rule_starters
from quality.models import QualityPolicy, Rubric

DEFAULT = "standard"
POLICIES: dict[str, dict[str, Any]] = {
    "loose": {
        "name": gettext_noop("Loose"),
        "description": gettext_noop(
            "Refuses only what is unusable: wrong form, and exact copies. For first trials."
        ),
        "near_duplicates": False,
        "refuse_empty_fields": False,
        "check_language": False,
        "check_code": False,
    },
    DEFAULT: {
        "name": gettext_noop("Standard"),
        "description": gettext_noop(
            "Refuses copies, also reworded ones, empty fields and the wrong language."
        ),
    },
    "strict": {
        "name": gettext_noop("Strict"),
        "description": gettext_noop(
            "Also asks for a rule score of 60. Choose a judge model to have every record scored."
        ),
        "minimum_score": 60.0,
        "repair_rounds": 1,
    },
}


def add() -> int:
    """Create the starter policies that are missing; those that are there may be edited."""
    missing = rule_starters.missing(QualityPolicy, POLICIES)
    has_default = QualityPolicy.objects.filter(is_default=True).exists()
    with transaction.atomic():
        for code, row in missing.items():
            is_default = code == DEFAULT and not has_default
            rules = rule_starters.of_policy(code)
            QualityPolicy.objects.create(**row, rules=rules, is_default=is_default)
    return len(missing)


def add_rubrics() -> int:
    """Create the starter rubrics that are missing; returns how many."""
    known = set(Rubric.objects.values_list("name", flat=True))
    missing = [starter for starter in rubrics.load() if starter["name"] not in known]
    with transaction.atomic():
        for starter in missing:
            rubric = Rubric(is_starter=True, **starter)
            rubric.full_clean()
            rubric.save()
    return len(missing)
