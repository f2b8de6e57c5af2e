"""A ratio task's form asks for one quality policy, which holds for all of its categories."""

from __future__ import annotations

import pytest
from django.test import Client

from quality.models import QualityPolicy, TaskQuality
from synthesis.models import RatioTask, Run
from tests import factories
from tests.synthesis.test_admin_ratio_form import ADD, edit_url, posted, row

pytestmark = pytest.mark.django_db


@pytest.fixture
def policy() -> QualityPolicy:
    factories.language_model(is_default=True)
    return QualityPolicy.objects.create(name="Strict")


def create(client: Client, **fields: object) -> RatioTask:
    template = factories.template()
    rows = [{**row(template, name, 50), "values-topic": "tea"} for name in ("a", "b")]
    client.post(ADD, posted(*rows, total=4, **fields))
    return RatioTask.objects.get()


def test_holds_for_every_category_from_the_first_run_on(
    admin_client: Client, policy: QualityPolicy
) -> None:
    create(admin_client, policy=policy.pk)
    assert {run.quality.version.policy for run in Run.objects.all()} == {policy}


def test_is_the_default_one_where_none_is_chosen(
    admin_client: Client, policy: QualityPolicy
) -> None:
    create(admin_client)
    assert {wanted.policy for wanted in TaskQuality.objects.all()} == {None}


def test_stays_with_a_clone_and_its_form(admin_client: Client, policy: QualityPolicy) -> None:
    copy = create(admin_client, policy=policy.pk).clone()
    form = admin_client.get(edit_url(copy)).context["adminform"].form
    assert form.initial["policy"] == policy.pk
