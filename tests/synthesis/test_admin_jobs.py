from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from synthesis import jobs
from synthesis.models import Job

pytestmark = pytest.mark.django_db
LIST = "/admin/synthesis/job/"


def test_the_list_shows_kind_state_and_progress(admin_client):
    job = jobs.submit("counting", {})
    Job.objects.update(progress=25, total=100, state="running")
    page = admin_client.get(LIST).content.decode()
    assert f"counting #{job.pk}" in page
    assert "25/100 (25 %)" in page


def test_jobs_are_cancelled_from_the_list(admin_client):
    open_job, ended = jobs.submit("counting", {}), jobs.submit("counting", {})
    Job.objects.filter(pk=ended.pk).update(state="done")
    answer = admin_client.post(
        LIST,
        {"action": "cancel_jobs", "_selected_action": [open_job.pk, ended.pk]},
        follow=True,
    )
    assert "1 job was cancelled." in answer.content.decode()
    assert list(Job.objects.order_by("pk").values_list("state", flat=True)) == ["cancelled", "done"]


def test_whoever_may_only_look_cannot_cancel(client, django_user_model):
    user = django_user_model.objects.create_user("viewer", is_staff=True)
    user.user_permissions.set(permissions_of("view_job"))
    client.force_login(user)
    job = jobs.submit("counting", {})
    client.post(LIST, {"action": "cancel_jobs", "_selected_action": [job.pk]})
    assert Job.objects.get().state == "waiting"
    assert client.get(reverse("admin:synthesis_job_change", args=[job.pk])).status_code == 200


def permissions_of(*names):
    return Permission.objects.filter(codename__in=names)
