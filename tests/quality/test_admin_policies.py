from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from quality import rule_starters
from quality.models import ContentRule, DatasetQuality, QualityPolicy, TaskQuality
from tests import factories
from tests.synthesis.test_admin_tasks_form import posted

pytestmark = pytest.mark.django_db


def rules() -> dict[str, ContentRule]:
    rule_starters.add()
    return {rule.code: rule for rule in ContentRule.objects.all()}


def test_lists_policies_with_versions_and_tasks(admin_client, django_assert_max_num_queries):
    ours = QualityPolicy.objects.create(name="Ours")
    TaskQuality.objects.create(task=factories.task(), policy=ours)
    page = admin_client.get(reverse("admin:quality_qualitypolicy_changelist")).content.decode()
    assert "Ours" in page
    assert "v1" in page


def form_data(admin_client, policy):
    url = reverse("admin:quality_qualitypolicy_change", args=[policy.pk])
    form = admin_client.get(url).context["adminform"].form
    shown = {name: form.get_initial_for_field(form.fields[name], name) for name in form.fields}
    return url, {
        name: value for name, value in shown.items() if value is not None and value is not False
    }


def test_a_policy_is_changed_in_its_form(admin_client):
    rule = rules()["refusals"]
    ours = QualityPolicy.objects.create(name="Ours", rules=[{"rule": rule.pk, "action": "flag"}])
    url, data = form_data(admin_client, ours)
    assert data[f"rule_{rule.pk}"] == "flag"
    changed = {"minimum_score": 33, f"rule_{rule.pk}": "reject", "weight_length": "2.5"}
    answer = admin_client.post(url, {**data, **changed})
    assert answer.status_code == 302, answer.context["errors"]
    latest = QualityPolicy.objects.get().latest_version
    assert (latest.number, latest.minimum_score) == (2, 33)
    assert latest.rules == [{"rule": rule.pk, "action": "reject"}]
    assert latest.weights == {"length": 2.5}


def test_rules_that_are_off_and_empty_weights_are_left_out(admin_client):
    rules()
    ours = QualityPolicy.objects.create(name="Ours")
    url, data = form_data(admin_client, ours)
    assert admin_client.post(url, data).status_code == 302
    ours.refresh_from_db()
    assert (ours.rules, ours.weights) == ([], {})


def test_a_policy_is_added_with_its_rules(admin_client):
    rule = rules()["personal-data"]
    url = reverse("admin:quality_qualitypolicy_add")
    data = {
        "name": "New",
        "minimum_score": 0,
        "judge_share": 100,
        "judge_threshold": 60,
        "judge_disagreement": 40,
        "records_per_judge_call": 1,
        "repair_rounds": 0,
        f"rule_{rule.pk}": "mask",
    }
    answer = admin_client.post(url, data)
    assert answer.status_code == 302, answer.context["errors"]
    made = QualityPolicy.objects.get().latest_version
    assert (made.rules, made.judge_disagreement) == ([{"rule": rule.pk, "action": "mask"}], 40)


def test_what_cannot_be_masked_is_not_offered(admin_client):
    refusals = rules()["refusals"]
    url, _data = form_data(admin_client, QualityPolicy.objects.create(name="Ours"))
    field = admin_client.get(url).context["adminform"].form.fields[f"rule_{refusals.pk}"]
    assert [value for value, _label in field.choices] == ["", "reject", "flag"]


def test_weights_that_are_all_nothing_are_refused(admin_client):
    url, data = form_data(admin_client, QualityPolicy.objects.create(name="Ours"))
    page = admin_client.post(url, {**data, "weight_length": 0}).content.decode()
    assert "a number from 0 to 1000, not all of them 0." in page


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


def test_a_dataset_goes_back_to_the_default_policy(admin_client):
    chosen = DatasetQuality.objects.create(
        dataset=factories.dataset(), policy=QualityPolicy.objects.create(name="Ours")
    )
    url = reverse("admin:synthesis_dataset_change", args=[chosen.dataset_id])
    assert "The default policy" in admin_client.get(url).content.decode()
    kept = {
        "name": chosen.dataset.name,
        "quality-TOTAL_FORMS": 1,
        "quality-INITIAL_FORMS": 1,
        "quality-0-id": chosen.pk,
        "quality-0-dataset": chosen.dataset_id,
        "quality-0-policy": "",
    }
    assert admin_client.post(url, kept).status_code == 302
    chosen.refresh_from_db()
    assert chosen.policy is None


def test_whoever_may_change_tasks_may_choose_their_policy(client, django_user_model):
    user = django_user_model.objects.create_user("author", is_staff=True)
    names = ("view_synthesistask", "change_synthesistask", "add_synthesistask")
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(user)
    page = client.get(reverse("admin:synthesis_synthesistask_add")).content.decode()
    assert 'name="quality-0-policy"' in page
