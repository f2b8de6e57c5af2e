from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from quality.models import Judgement
from tests import factories
from tests.factories import dimension

pytestmark = pytest.mark.django_db


def numbers(rubric):
    return list(rubric.versions.order_by("number").values_list("number", flat=True))


def test_starts_with_a_first_version():
    rubric = factories.rubric()
    assert numbers(rubric) == [1]
    assert str(rubric.latest_version) == f"{rubric.name} v1"


def test_makes_a_version_of_each_change_of_its_content():
    rubric = factories.rubric()
    rubric.dimensions = [dimension("Style")]
    rubric.save()
    rubric.instructions = "Be exact."
    rubric.save()
    assert numbers(rubric) == [1, 2, 3]
    assert rubric.versions.get(number=1).dimensions == [dimension()]


def test_makes_no_version_of_a_new_name():
    rubric = factories.rubric()
    rubric.name = "Another name"
    rubric.save()
    assert numbers(rubric) == [1]


def test_refuses_what_is_no_rubric_beside_its_dimensions():
    with pytest.raises(ValidationError) as caught:
        factories.rubric(name="Empty", dimensions=[])
    assert caught.value.message_dict["dimensions"] == [
        "A rubric needs at least one dimension. Add one."
    ]


def test_refuses_a_second_rubric_of_its_name():
    factories.rubric(name="One")
    with pytest.raises(ValidationError) as caught:
        factories.rubric(name="One")
    assert list(caught.value.message_dict) == ["name"]


def test_copies_itself_under_a_free_name():
    rubric = factories.rubric(name="One", instructions="Be exact.")
    copies = [rubric.duplicate(), rubric.duplicate()]
    assert [copy.name for copy in copies] == ["One (2)", "One (3)"]
    assert copies[1].content() == rubric.content()
    assert numbers(copies[1]) == [1]


def test_stays_while_judgements_stand_on_it():
    rubric = factories.rubric()
    [record] = factories.records(1)
    factories.judgement(record, rubric_version=rubric.latest_version)
    with pytest.raises(ProtectedError):
        rubric.delete()


def test_judgements_go_with_their_record():
    [record] = factories.records(1)
    factories.judgement(record)
    record.delete()
    assert not Judgement.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "failed", "score": None, "passed": True},
        {"state": "failed", "score": 90, "passed": False},
        {"state": "scored", "score": None, "passed": False},
    ],
)
def test_a_failed_judgement_can_neither_pass_nor_score(fields):
    [record] = factories.records(1)
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.judgement(record, **fields)
    assert not Judgement.objects.exists()


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({}, ("passed", "passed")),
        ({"passed": False, "score": 10}, ("below", "below the threshold")),
        (
            {"state": "failed", "score": None, "passed": False},
            ("failed", "no readable answer"),
        ),
    ],
)
def test_says_what_came_of_it(fields, outcome):
    judgement = factories.judgement(factories.records(1)[0], **fields)
    assert (judgement.outcome, judgement.outcome_label) == outcome
