from __future__ import annotations

import pytest

from quality.models import PolicyCheck
from tests import api, factories
from tests.quality.policy_checks import checked

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

URL = "/api/v1/policy-checks/"


def test_asks_what_a_policy_would_do() -> None:
    dataset, policy = factories.dataset(), checked.policy()
    answer = api.editor().post(URL, {"dataset": dataset.pk, "policy": policy.pk})
    check = PolicyCheck.objects.get()
    assert (answer.status_code, answer.json()["status"]) == (202, "waiting")
    assert (check.version, answer.json()["version"]) == (policy.latest_version, 1)


def test_takes_an_older_version_and_refuses_one_that_never_was() -> None:
    dataset, policy = factories.dataset(), checked.policy()
    policy.min_characters = 5
    policy.save()
    order = {"dataset": dataset.pk, "policy": policy.pk}
    assert api.editor().post(URL, {**order, "version": 1}).json()["version"] == 1
    refused = api.editor().post(URL, {**order, "version": 3})
    assert refused.json()["fields"] == {"version": ["There is no such version."]}


def test_tells_what_would_change_with_samples() -> None:
    dataset = checked.texts("Yes.")
    check = checked.check(dataset, min_characters=9)
    client = api.client("view")
    found = client.get(f"{URL}{check.pk}/").json()
    assert (found["status"], found["stage"], found["report"]["records"]) == (
        "completed",
        "preview",
        1,
    )
    assert found["changes"] == {"proposed": 1, "applied": 0, "skipped": 0}
    [move] = found["moves"]
    assert (move["title"], move["records"]) == ("accepted → malformed", 1)
    query = {name: move[name] for name in ("before", "after", "reason")}
    [sample] = client.get(f"{URL}{check.pk}/samples/", query).json()
    assert (sample["record"], sample["excerpt"]) == (dataset.records.get().pk, "Yes.")
    assert sample["reason"].endswith("has 4 characters; 9 are the fewest.")


def test_applies_and_undoes() -> None:
    check = checked.check(checked.texts("Yes."), min_characters=9)
    client, address = api.editor(), f"{URL}{check.pk}"
    assert client.post(f"{address}/apply/").json()["stage"] == "apply"
    checked.worked_off(PolicyCheck.objects.get())
    assert checked.statuses(check.dataset) == ["malformed"]
    assert client.post(f"{address}/undo/").status_code == 202
    checked.worked_off(PolicyCheck.objects.get())
    assert checked.statuses(check.dataset) == ["accepted"]


@pytest.mark.parametrize(("command", "code"), [("apply", "not_previewed"), ("undo", "not_applied")])
def test_refuses_what_does_not_fit_the_state(command: str, code: str) -> None:
    check = PolicyCheck(dataset=factories.dataset(), version=checked.policy().latest_version)
    check.begin()
    answer = api.editor().post(f"{URL}{check.pk}/{command}/")
    assert (answer.status_code, answer.json()["code"]) == (409, code)


def test_changing_records_asks_for_the_permission_to_change_them() -> None:
    check = checked.check(checked.texts("Yes."), min_characters=9)
    user = api.user("view", "change")
    user.user_permissions.remove(user.user_permissions.get(codename="change_record"))
    client = api.client()
    client.force_authenticate(user)
    assert client.post(f"{URL}{check.pk}/apply/").status_code == 403
