from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from quality.models import DatasetQuality, QualityPolicy, TaskQuality
from tests import factories
from tests.synthesis.test_admin_tasks_form import posted

pytestmark = pytest.mark.django_db


def test_lists_policies_with_versions_and_tasks(admin_client, django_assert_max_num_queries):
    ours = QualityPolicy.objects.create(name="Ours")
    TaskQuality.objects.create(task=factories.task(), policy=ours)
    page = admin_client.get(reverse("admin:quality_qualitypolicy_changelist")).content.decode()
    assert "Ours" in page
    assert "v1" in page


def test_a_policy_is_changed_in_its_form(admin_client):
    ours = QualityPolicy.objects.create(name="Ours")
    url = reverse("admin:quality_qualitypolicy_change", args=[ours.pk])
    form = admin_client.get(url).context["adminform"].form
    data = {name: "" if value is None else value for name, value in form.initial.items()}
    data = {name: value for name, value in data.items() if value is not False}
    answer = admin_client.post(url, {**data, "rules": "[]", "weights": "{}", "minimum_score": 33})
    assert answer.status_code == 302
    assert QualityPolicy.objects.get().latest_version.minimum_score == 33


def test_a_task_chooses_its_policy_in_its_form(admin_client):
    ours, template = QualityPolicy.objects.create(name="Ours"), factories.template()
    factories.language_model(is_default=True)
    chosen = {
        "quality-TOTAL_FORMS": 1,
        "quality-0-policy": ours.pk,
        "quality-0-minimum_score": 45,
    }
    admin_client.post(reverse("admin:synthesis_synthesistask_add"), posted(template, **chosen))
    wanted = TaskQuality.objects.get()
    assert (wanted.policy, wanted.minimum_score) == (ours, 45)
    assert wanted.task.latest_run.quality.version == ours.latest_version


def test_a_mark_out_of_range_is_refused_at_the_form(admin_client):
    template = factories.template()
    factories.language_model(is_default=True)
    chosen = {"quality-TOTAL_FORMS": 1, "quality-0-minimum_score": 145}
    url = reverse("admin:synthesis_synthesistask_add")
    page = admin_client.post(url, posted(template, **chosen)).content.decode()
    assert "Ensure this value is less than or equal to 100." in page
    assert not TaskQuality.objects.exists()


def test_a_dataset_chooses_the_policy_of_what_is_brought_to_it(admin_client):
    ours, dataset = QualityPolicy.objects.create(name="Ours"), factories.dataset()
    admin_client.post(
        reverse("admin:synthesis_dataset_change", args=[dataset.pk]),
        {
            "name": dataset.name,
            "quality-TOTAL_FORMS": 1,
            "quality-INITIAL_FORMS": 0,
            "quality-0-policy": ours.pk,
        },
    )
    assert DatasetQuality.objects.get().policy == ours


def test_whoever_may_change_tasks_may_choose_their_policy(client, django_user_model):
    user = django_user_model.objects.create_user("author", is_staff=True)
    names = ("view_synthesistask", "change_synthesistask", "add_synthesistask")
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(user)
    page = client.get(reverse("admin:synthesis_synthesistask_add")).content.decode()
    assert 'name="quality-0-policy"' in page
