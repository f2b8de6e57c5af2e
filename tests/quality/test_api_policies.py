from __future__ import annotations

import pytest

from quality import policies
from quality.models import QualityPolicy, TaskQuality
from synthesis.models import Dataset
from tests import factories

pytestmark = pytest.mark.django_db
POLICIES = "/api/v1/quality-policies/"
DATASETS = "/api/v1/datasets/"


def order(**fields):
    model = factories.language_model()
    body = {
        "name": "Ordered",
        "template": factories.template().pk,
        "language_model": model.pk,
        "start": False,
    }
    return {**body, **fields}


def send(client, url, body, method="post"):
    return getattr(client, method)(url, body, content_type="application/json")


def test_policies_are_created_changed_and_read(admin_client):
    made = send(admin_client, POLICIES, {"name": "Ours", "minimum_score": 40}).json()
    assert (made["version"], made["minimum_score"], made["judge_share"]) == (1, 40, 100)
    assert made["judge_disagreement"] == 25
    url = f"{POLICIES}{made['id']}/"
    changed = send(admin_client, url, {"minimum_score": 50}, "patch").json()
    assert (changed["version"], changed["minimum_score"]) == (2, 50)


def test_a_refused_policy_says_which_field(admin_client):
    answer = send(admin_client, POLICIES, {"name": "Ours", "minimum_score": 140})
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == ["minimum_score"]


def test_a_policy_in_use_cannot_be_deleted(admin_client):
    ours = QualityPolicy.objects.create(name="Ours")
    TaskQuality.objects.create(task=factories.task(), policy=ours)
    answer = admin_client.delete(f"{POLICIES}{ours.pk}/")
    assert (answer.status_code, answer.json()["code"]) == (409, "in_use")


def test_a_task_is_ordered_with_its_policy(admin_client):
    ours, other = QualityPolicy.objects.create(name="Ours"), factories.dataset()
    quality = {"policy": ours.pk, "minimum_score": 30, "other_datasets": [other.pk]}
    answer = send(admin_client, "/api/v1/tasks/", order(quality=quality, start=True))
    assert answer.status_code == 201, answer.json()
    shown = answer.json()["quality"]
    assert (shown["policy"], shown["minimum_score"]) == (ours.pk, 30)
    assert shown["other_datasets"] == [other.pk]
    frozen = TaskQuality.objects.get().task.latest_run.quality
    assert (frozen.version, frozen.minimum_score) == (ours.latest_version, 30)


def test_a_task_without_a_choice_shows_none(admin_client):
    answer = send(admin_client, "/api/v1/tasks/", order())
    assert answer.json()["quality"] is None


def test_a_dataset_names_the_policy_of_what_is_brought_to_it(admin_client):
    ours = QualityPolicy.objects.create(name="Ours")
    made = send(admin_client, DATASETS, {"name": "Tea", "quality": {"policy": ours.pk}}).json()
    assert made["quality"] == {"policy": ours.pk}
    assert admin_client.get(f"{DATASETS}{made['id']}/").json()["quality"] == {"policy": ours.pk}
    assert policies.effective(Dataset.objects.get(), None).policy == ours.latest_version


@pytest.mark.parametrize("quality", [None, {"policy": None}])
def test_a_dataset_goes_back_to_the_default_policy(admin_client, quality):
    ours = QualityPolicy.objects.create(name="Ours")
    made = send(admin_client, DATASETS, {"name": "Tea", "quality": {"policy": ours.pk}}).json()
    answer = send(admin_client, f"{DATASETS}{made['id']}/", {"quality": quality}, "patch")
    assert answer.json()["quality"] == {"policy": None}


def test_a_dataset_without_a_choice_shows_none_and_keeps_it(admin_client):
    made = send(admin_client, DATASETS, {"name": "Tea"}).json()
    assert made["quality"] is None
    answer = send(admin_client, f"{DATASETS}{made['id']}/", {"name": "Oolong"}, "patch")
    assert (answer.json()["name"], answer.json()["quality"]) == ("Oolong", None)


def test_a_policy_that_is_not_there_leaves_no_dataset(admin_client):
    answer = send(admin_client, DATASETS, {"name": "Tea", "quality": {"policy": 4711}})
    assert answer.status_code == 400
    assert answer.json()["fields"]["quality"]["policy"][0].startswith("Invalid pk")
    assert not Dataset.objects.exists()


def test_a_mark_out_of_range_is_refused(admin_client):
    answer = send(admin_client, "/api/v1/tasks/", order(quality={"judge_threshold": -1}))
    assert answer.status_code == 400
    assert not TaskQuality.objects.exists()
