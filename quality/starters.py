"""What every installation starts with: rubrics, and three policies."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from quality import rubrics, rule_starters
from quality.models import QualityPolicy, Rubric

DEFAULT = gettext_noop("Standard")
POLICIES: dict[str, dict[str, Any]] = {
    gettext_noop("Loose"): {
        "description": gettext_noop(
            "Refuses only what is unusable: wrong form, and exact copies. For first trials."
        ),
        "near_duplicates": False,
        "refuse_empty_fields": False,
        "check_language": False,
        "check_code": False,
    },
    DEFAULT: {
        "description": gettext_noop(
            "Refuses copies, also reworded ones, empty fields and the wrong language."
        ),
    },
    gettext_noop("Strict"): {
        "description": gettext_noop(
            "Also asks for a rule score of 60. Choose a judge model to have every record scored."
        ),
        "minimum_score": 60.0,
        "repair_rounds": 1,
    },
}


def add() -> int:
    """Create the starter policies that are missing; those that are there may be edited."""
    known = set(QualityPolicy.objects.values_list("name", flat=True))
    has_default = QualityPolicy.objects.filter(is_default=True).exists()
    missing = [name for name in POLICIES if _(name) not in known]
    with transaction.atomic():
        for name in missing:
            content = {
                **POLICIES[name],
                "description": _(POLICIES[name]["description"]),
                "rules": rule_starters.of_policy(name),
            }
            is_default = name == DEFAULT and not has_default
            QualityPolicy.objects.create(name=_(name), is_default=is_default, **content)
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
