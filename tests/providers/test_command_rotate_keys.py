from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from providers.models import Provider

pytestmark = pytest.mark.django_db


def stored(name: str, key: str) -> Provider:
    provider = Provider(name=name, vendor="openai")
    provider.set_key(key)
    provider.save()
    return provider


def rotate() -> str:
    output = StringIO()
    call_command("rotate_keys", stdout=output)
    return output.getvalue()


def test_keys_are_sealed_again_and_the_old_key_can_go(settings: Settings) -> None:
    settings.DATAMATE_ENCRYPTION_KEYS = ["old"]
    stored("A", "sk-of-a")
    stored("B", "env:TEAM_API_KEY")
    Provider.objects.create(name="C", vendor="ollama")
    settings.DATAMATE_ENCRYPTION_KEYS = ["new", "old"]
    assert rotate() == "Keys sealed again: 1.\n"
    settings.DATAMATE_ENCRYPTION_KEYS = ["new"]
    assert Provider.objects.get(name="A").account().api_key == "sk-of-a"
    assert Provider.objects.get(name="B").sealed_key == "env:TEAM_API_KEY"


def test_a_second_rotation_changes_nothing() -> None:
    sealed = stored("A", "sk-of-a").sealed_key
    assert rotate() == "Keys sealed again: 0.\n"
    assert Provider.objects.get().sealed_key == sealed


def test_a_key_that_does_not_open_is_named_and_the_others_are_rotated(
    settings: Settings,
) -> None:
    settings.DATAMATE_ENCRYPTION_KEYS = ["lost"]
    stored("A", "sk-of-a")
    settings.DATAMATE_ENCRYPTION_KEYS = ["old"]
    stored("B", "sk-of-b")
    settings.DATAMATE_ENCRYPTION_KEYS = ["new", "old"]
    with pytest.raises(CommandError) as caught:
        rotate()
    assert str(caught.value) == (
        "A: The stored API key was sealed with a key that this server lacks."
    )
    settings.DATAMATE_ENCRYPTION_KEYS = ["new"]
    assert Provider.objects.get(name="B").account().api_key == "sk-of-b"


def test_a_key_entered_meanwhile_is_kept(settings: Settings) -> None:
    settings.DATAMATE_ENCRYPTION_KEYS = ["old"]
    stale = stored("A", "sk-old")
    settings.DATAMATE_ENCRYPTION_KEYS = ["new", "old"]
    fresh = Provider.objects.get()
    fresh.set_key("sk-fresh")
    fresh.save()
    assert not stale.rotate_key()
    assert Provider.objects.get().account().api_key == "sk-fresh"
