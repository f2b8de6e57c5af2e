from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from quality.models import PolicyCheck
from synthesis.models import Dataset
from tests import factories
from tests.quality.policy_checks import checked

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

ADD = reverse("admin:quality_policycheck_add")
HOSTILE = "<script>alert(1)</script>"


def url(check: PolicyCheck, name: str = "change", *arguments: Any) -> str:
    return reverse(f"admin:quality_policycheck_{name}", args=[check.pk, *arguments])


def page(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def waiting(dataset: Dataset | None = None) -> PolicyCheck:
    version = checked.policy().latest_version
    check = PolicyCheck(dataset=dataset or factories.dataset(), version=version)
    check.begin()
    return check


def staff(*codenames: str) -> Client:
    user = User.objects.create_user("member", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(user)
    return client


def test_pages_of_dataset_and_policy_lead_to_a_check(admin_client: Client) -> None:
    check = waiting()
    of_dataset = reverse("admin:synthesis_dataset_change", args=[check.dataset_id])
    of_policy = reverse("admin:quality_qualitypolicy_change", args=[check.version.policy_id])
    found = page(admin_client, of_dataset)
    assert f"{ADD}?dataset={check.dataset_id}" in found
    assert url(check) in found
    assert f"{ADD}?policy={check.version.policy_id}" in page(admin_client, of_policy)


def test_the_form_starts_a_check_of_the_latest_version(admin_client: Client) -> None:
    dataset, policy = factories.dataset(), checked.policy()
    policy.min_characters = 9
    policy.save()
    answer = admin_client.post(ADD, {"check-dataset": dataset.pk, "check-policy": policy.pk})
    check = PolicyCheck.objects.get()
    assert answer.headers["Location"] == url(check)
    assert (check.dataset, check.version.number, check.state) == (dataset, 2, "waiting")
    assert check.created_by == check.job.created_by == User.objects.get()


def test_the_page_tells_what_would_change_and_escapes_it(admin_client: Client) -> None:
    dataset = checked.texts(HOSTILE)
    found = page(admin_client, url(checked.check(dataset, min_characters=99)))
    assert "accepted → malformed" in found
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in found
    assert HOSTILE not in found
    assert "It can be undone as long as nobody changes the records after it" in found


def test_samples_are_for_those_who_may_read_records() -> None:
    check = checked.check(checked.texts("Yes."), min_characters=99)
    found = page(staff("view_policycheck"), url(check))
    assert "accepted → malformed" in found
    assert "Yes." not in found


def test_apply_and_undo_are_jobs(admin_client: Client) -> None:
    check = checked.check(checked.texts("Yes."), min_characters=99)
    admin_client.post(url(check, "command", "apply"))
    check = checked.worked_off(PolicyCheck.objects.get())
    assert "Records changed: 1. Left alone: 0" in page(admin_client, url(check))
    admin_client.post(url(check, "command", "undo"))
    assert checked.worked_off(PolicyCheck.objects.get()).state == "undone"
    assert checked.statuses(check.dataset) == ["accepted"]


def test_what_cannot_be_done_now_is_said(admin_client: Client) -> None:
    check = waiting()
    answer = admin_client.post(url(check, "command", "undo"), follow=True)
    assert "There is nothing to undo: no change of this check is applied." in (
        answer.content.decode()
    )


def test_progress_is_shown_until_it_has_ended(admin_client: Client) -> None:
    check = waiting()
    assert "hx-get" in page(admin_client, url(check, "progress"))
    admin_client.post(url(check, "command", "cancel"))
    answer = admin_client.get(url(check, "progress"))
    assert (answer.status_code, answer.headers["HX-Refresh"]) == (286, "true")


def test_the_list_names_dataset_policy_and_state(admin_client: Client) -> None:
    check = waiting()
    found = page(admin_client, reverse("admin:quality_policycheck_changelist"))
    assert all(name in found for name in (str(check.version), check.dataset.name, "waiting"))


def test_commands_are_posts_of_those_who_may_change_records(admin_client: Client) -> None:
    check = waiting()
    assert admin_client.get(url(check, "command", "apply")).status_code == 405
    assert admin_client.post(url(check, "command", "explode")).status_code == 404
    assert (
        admin_client.get(reverse("admin:quality_policycheck_change", args=[0])).status_code == 404
    )
    member = staff("view_policycheck", "change_policycheck")
    assert member.post(url(check, "command", "apply")).status_code == 403
    assert staff_without_view().get(url(check)).status_code == 403


def staff_without_view() -> Client:
    client = Client()
    client.force_login(User.objects.create_user("other", is_staff=True))
    return client
