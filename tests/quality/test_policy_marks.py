"""Which marks count for a run: those that its task set, else those of the policy's version."""

from __future__ import annotations

from typing import Any

import pytest

from quality import policies
from quality.likeness import DEFAULT_THRESHOLD
from quality.models import PolicyVersion, QualityPolicy, RunQuality
from quality.policies import Effective
from synthesis.models import Run, TemplateVersion
from tests import factories

MARKS = ("duplicate_threshold", "minimum_score", "judge_threshold")


def effective(**fields: Any) -> Effective:
    given = {"duplicate_threshold": None, "minimum_score": 0, "judge_threshold": 60, **fields}
    return Effective(policy=PolicyVersion(near_duplicates=False), **given)


@pytest.mark.any_database
class TestDuplicateRules:
    @pytest.mark.parametrize(
        ("mark", "threshold"), [(None, DEFAULT_THRESHOLD), (0.3, 0.3), (0.75, 0.75), (1, 1)]
    )
    def test_no_mark_is_what_was_measured_to_be_best(
        self, mark: float | None, threshold: float
    ) -> None:
        rules = policies.duplicate_rules(effective(duplicate_threshold=mark), None)
        assert rules.threshold == threshold

    @pytest.mark.parametrize(
        ("compared", "fields"),
        [([], None), (["question"], ("question",)), (["b", "a"], ("b", "a"))],
        ids=["all of them", "one", "two in their order"],
    )
    def test_the_template_names_the_fields(
        self, compared: list[str], fields: tuple[str, ...] | None
    ) -> None:
        run = Run(template_version=TemplateVersion(compared_fields=compared))
        assert policies.duplicate_rules(effective(), run).fields == fields

    def test_records_without_a_run_are_compared_whole(self) -> None:
        rules = policies.duplicate_rules(effective(other_datasets=(3, 5)), None)
        assert (rules.fields, rules.also_datasets, rules.near) == (None, (3, 5), False)


@pytest.mark.django_db
class TestMarksOfARun:
    @pytest.mark.parametrize(
        ("name", "of_policy", "of_task", "expected"),
        [
            ("duplicate_threshold", 0.8, None, 0.8),
            ("duplicate_threshold", 0.8, 0.5, 0.5),
            ("duplicate_threshold", None, 0.5, 0.5),
            ("duplicate_threshold", None, None, None),
            ("minimum_score", 50, None, 50),
            ("minimum_score", 50, 0, 0),
            ("minimum_score", 0, 50, 50),
            ("judge_threshold", 70, None, 70),
            ("judge_threshold", 70, 0, 0),
            ("judge_threshold", 70, 100, 100),
        ],
    )
    def test_a_task_s_mark_counts_even_when_it_is_nothing(
        self, name: str, of_policy: Any, of_task: Any, expected: Any
    ) -> None:
        policy = QualityPolicy.objects.create(name="Ours", **{name: of_policy})
        run = factories.run()
        RunQuality.objects.filter(run=run).update(version=policy.latest_version, **{name: of_task})
        found = policies.effective(run.dataset, run)
        assert getattr(found, name) == expected
        for other in set(MARKS) - {name}:
            assert getattr(found, other) == getattr(policy, other)

    def test_a_policy_made_the_default_later_does_not_reach_an_old_run(self) -> None:
        run = factories.run()
        QualityPolicy.objects.create(name="Ours", is_default=True, minimum_score=90)
        assert policies.effective(run.dataset, run).minimum_score == 0
        assert policies.effective(run.dataset, None).minimum_score == 90
