from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from quality.models import PolicyCheck
from quality.policy_checks import preview
from tests.quality.policy_checks import checked

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


def run(*words: str) -> list[str]:
    out = io.StringIO()
    call_command("check_dataset", *words, stdout=out)
    return out.getvalue().splitlines()


def test_tells_what_would_change_and_changes_nothing() -> None:
    dataset = checked.texts("Yes.", "Green tea is picked in spring.")
    policy = checked.policy(min_characters=20)
    lines = run(dataset.name, "--policy", policy.name)
    assert lines[:3] == [
        "records looked at: 2",
        "accepted now: 2",
        "accepted by the policy: 1",
    ]
    assert lines[-1] == "- accepted → malformed: 1 (The record has … characters; … are the fewest.)"
    assert checked.statuses(dataset) == ["accepted", "accepted"]


def test_apply_changes_the_records() -> None:
    dataset = checked.texts("Yes.")
    policy = checked.policy(min_characters=20)
    lines = run(str(dataset.pk), "--policy", str(policy.pk), "--apply")
    assert lines[-1].startswith("Records changed: 1. Left alone: 0, because")
    assert checked.statuses(dataset) == ["malformed"]


def test_says_that_nothing_would_change() -> None:
    dataset = checked.texts("Yes.")
    lines = run(dataset.name, "--policy", checked.policy().name, "--apply")
    assert lines[-1] == "Nothing would change."


@pytest.mark.parametrize("words", [("nowhere", "{}"), ("{}", "nothing")])
def test_ends_with_2_for_what_is_not_there(words: tuple[str, str]) -> None:
    dataset, policy = checked.texts(), checked.policy()
    with pytest.raises(CommandError, match="There is no") as refused:
        run(words[0].format(dataset.pk), "--policy", words[1].format(policy.pk))
    assert refused.value.returncode == 2


def test_an_interrupt_cancels_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_arguments: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(preview, "order_of", interrupt)
    with pytest.raises(CommandError, match="What was changed can be undone") as stopped:
        run(checked.texts().name, "--policy", checked.policy().name)
    assert (stopped.value.returncode, PolicyCheck.objects.get().state) == (130, "cancelled")
