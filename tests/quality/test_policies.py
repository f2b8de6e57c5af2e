from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db.models import ProtectedError

from quality import policies, starters
from quality.models import DatasetQuality, QualityPolicy, RunQuality, TaskQuality
from synthesis.errors import TaskNotReadyError
from synthesis.models import Record
from tests import factories

pytestmark = pytest.mark.django_db


def policy(name: str = "Ours", **fields) -> QualityPolicy:
    row = QualityPolicy(name=name, **fields)
    row.full_clean()
    row.save()
    return row


def test_each_change_of_what_is_asked_is_a_version():
    ours = policy()
    ours.description = "New words only"
    ours.save()
    assert ours.latest_version.number == 1
    ours.minimum_score = 50
    ours.save()
    assert [version.minimum_score for version in ours.versions.all()] == [50, 0]


def test_there_is_one_default():
    first, second = policy("First", is_default=True), policy("Second", is_default=True)
    first.refresh_from_db()
    assert (first.is_default, second.is_default) == (False, True)
    assert QualityPolicy.objects.default() == second


def test_a_run_keeps_what_its_task_asked_for_when_it_was_created():
    ours = policy(minimum_score=40, judge_threshold=70)
    task = factories.task()
    TaskQuality.objects.create(task=task, policy=ours, judge_threshold=80)
    run = factories.run(task)
    ours.minimum_score = 90
    ours.save()
    found = policies.effective(run.dataset, run)
    assert (found.minimum_score, found.judge_threshold) == (40, 80)
    assert found.policy.number == 1


def test_a_task_that_chose_nothing_takes_the_default():
    policy(is_default=True, minimum_score=30)
    run = factories.run()
    assert policies.effective(run.dataset, run).minimum_score == 30


def test_without_any_policy_the_defaults_of_one_count():
    run = factories.run()
    found = policies.effective(run.dataset, run)
    assert RunQuality.objects.get(run=run).version is None
    assert (found.policy.near_duplicates, found.minimum_score) == (True, 0)
    assert found.duplicate_threshold is None


def test_records_without_a_run_take_the_policy_of_their_dataset():
    policy("Default", is_default=True, minimum_score=10)
    dataset = factories.dataset()
    assert policies.effective(dataset, None).minimum_score == 10
    chosen = DatasetQuality.objects.create(dataset=dataset, policy=policy(minimum_score=20))
    assert policies.effective(dataset, None).minimum_score == 20
    chosen.policy = None
    chosen.save()
    assert policies.effective(dataset, None).minimum_score == 10


def test_a_cloned_task_asks_the_same():
    ours, other = policy(), factories.dataset()
    task = factories.task()
    wanted = TaskQuality.objects.create(task=task, policy=ours, minimum_score=12)
    wanted.other_datasets.add(other)
    copy = task.clone()
    assert (copy.quality.policy, copy.quality.minimum_score) == (ours, 12)
    assert list(copy.quality.other_datasets.all()) == [other]
    assert TaskQuality.objects.count() == 2


def test_other_datasets_are_frozen_with_the_run(django_assert_num_queries):
    other = factories.dataset()
    task = factories.task()
    TaskQuality.objects.create(task=task).other_datasets.add(other)
    run = factories.run(task)
    with django_assert_num_queries(1):
        RunQuality.objects.select_related("version").filter(run=run).first()
    assert policies.effective(run.dataset, run).other_datasets == (other.pk,)


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        (
            {"min_characters": 20, "max_characters": 10},
            "max_characters",
            "The longest record is shorter than the shortest one.",
        ),
        ({"minimum_score": 101}, "minimum_score", None),
        ({"duplicate_threshold": 0.1}, "duplicate_threshold", None),
        ({"judge_share": 0}, "judge_share", None),
        ({"repair_rounds": 2}, "repair_rounds", None),
        (
            {"rules": [{"rule": 99, "action": "flag"}]},
            "rules",
            "There is no content rule with the number 99.",
        ),
        (
            {"rules": [{"rule": 1, "action": "burn"}]},
            "rules",
            "Each rule is an object with rule and action: reject, flag or mask.",
        ),
    ],
)
def test_refuses_what_makes_no_sense(fields, field, sentence):
    with pytest.raises(ValidationError) as refused:
        policy(**fields)
    assert list(refused.value.message_dict) == [field]
    if sentence:
        assert refused.value.message_dict[field] == [sentence]


@pytest.mark.parametrize(
    ("names", "problems"),
    [
        (["judge_model"], {"rubric": ["A judge needs a rubric to score by. Choose one."]}),
        (
            ["rubric", "judge_model", "second_judge_model"],
            {"second_judge_model": ["The second judge must be another model."]},
        ),
    ],
)
def test_a_judge_needs_a_rubric_and_a_second_one_another_model(names, problems):
    model = factories.language_model()
    given = {"rubric": factories.rubric(), "judge_model": model, "second_judge_model": model}
    with pytest.raises(ValidationError) as refused:
        policy(**{name: given[name] for name in names})
    assert refused.value.message_dict == problems


def test_a_rubric_that_is_switched_off_cannot_be_chosen():
    with pytest.raises(ValidationError) as refused:
        policy(rubric=factories.rubric(is_enabled=False))
    sentence = "This rubric is switched off. Enable it or choose another."
    assert refused.value.message_dict == {"rubric": [sentence]}


def test_a_run_keeps_the_version_of_the_rubric_that_it_started_with():
    rubric, model = factories.rubric(), factories.language_model()
    policy(is_default=True, rubric=rubric, judge_model=model)
    run = factories.run()
    rubric.instructions = "Be exact."
    rubric.save()
    assert policies.effective(run.dataset, run).rubric_version.number == 1
    assert policies.effective(run.dataset, None).rubric_version.number == 2


def test_a_policy_without_a_judge_has_no_rubric_to_keep():
    policy(is_default=True, rubric=factories.rubric())
    run = factories.run()
    assert policies.effective(run.dataset, run).rubric_version is None


@pytest.mark.parametrize("name", ["judge_model", "second_judge_model"])
def test_a_run_does_not_start_with_a_judge_that_is_switched_off(name):
    judges = {"judge_model": factories.language_model(), "second_judge_model": None}
    judges[name] = factories.language_model(is_enabled=False)
    policy(is_default=True, rubric=factories.rubric(), **judges)
    task = factories.task()
    with pytest.raises(TaskNotReadyError, match="is switched off") as refused:
        task.start()
    assert refused.value.detail == str(judges[name])
    assert not task.runs.exists()


@pytest.mark.parametrize("name", ["rubric", "judge_model"])
def test_what_a_policy_judges_by_cannot_be_deleted(name):
    given = {"rubric": factories.rubric(), "judge_model": factories.language_model()}
    policy(**given)
    with pytest.raises(ProtectedError):
        given[name].delete()


def test_a_second_judge_needs_a_first():
    with pytest.raises(ValidationError) as refused:
        policy(second_judge_model=factories.language_model())
    assert refused.value.message_dict == {"judge_model": ["A second judge needs a first one."]}


def test_starters_are_added_once_and_edits_are_kept():
    assert starters.add() == 3
    standard = QualityPolicy.objects.get(name="Standard")
    assert standard.is_default
    standard.minimum_score = 5
    standard.save()
    assert starters.add() == 0
    assert QualityPolicy.objects.get(name="Standard").minimum_score == 5


def test_starters_leave_the_default_that_was_chosen():
    ours = policy(is_default=True)
    starters.add()
    assert QualityPolicy.objects.default() == ours


@pytest.mark.parametrize("weights", [{"beauty": 1}, {"length": 0}, {"length": "1"}, [1]])
def test_weights_that_score_nothing_are_refused(weights):
    with pytest.raises(ValidationError) as refused:
        QualityPolicy(name="Ours", weights=weights).full_clean()
    assert refused.value.messages == [
        "The weights are an object that gives parts of the score a number from 0 to 1000, not all"
        " of them 0. The parts are: completeness, length, repetition, diversity, readability,"
        " format."
    ]


def test_a_policy_weighs_and_rejects_by_score():
    QualityPolicy.objects.create(
        name="Ours", is_default=True, weights={"length": 1}, minimum_score=40
    )
    row = Record(dataset=factories.dataset(), content={"question": "Tea?", "answer": "Drink"})
    row.save()
    assert (row.score, row.status) == (10.0, "rejected")
