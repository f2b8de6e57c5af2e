from __future__ import annotations

import uuid

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from pytest_django import Settings

from providers.errors import AuthenticationError
from providers.models import LanguageModel, Provider
from providers.secrets import SecretError

pytestmark = pytest.mark.django_db

NEEDS_KEY = (
    "The stored API key was given for the old address. Enter the key again together with the "
    "new vendor or address, or remove the key first."
)


def stored(key: str = "sk-abcdefgh1234", **fields: object) -> Provider:
    provider = Provider(**{"name": "Team", "vendor": "openai", **fields})
    if key:
        provider.set_key(key)
    provider.full_clean()
    provider.save()
    return Provider.objects.get(pk=provider.pk)


def complaints(provider: Provider) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as caught:
        provider.full_clean()
    return caught.value.message_dict


# Keys


def test_the_key_is_stored_sealed_and_shown_by_its_last_four() -> None:
    provider = stored()
    assert "sk-abcdefgh1234" not in provider.sealed_key
    assert provider.key_hint == "…1234"
    assert provider.account().api_key == "sk-abcdefgh1234"


def test_blanks_around_a_key_are_no_part_of_it() -> None:
    assert stored("  sk-abcdefgh1234\n").account().api_key == "sk-abcdefgh1234"


def test_an_empty_key_forgets_the_stored_one() -> None:
    provider = stored()
    provider.set_key("")
    assert (provider.sealed_key, provider.key_hint) == ("", "")


def test_a_reference_is_kept_as_it_is_and_read_at_the_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    provider = stored("env:TEAM_API_KEY")
    monkeypatch.setenv("TEAM_API_KEY", "sk-of-the-environment")
    assert provider.sealed_key == provider.key_hint == "env:TEAM_API_KEY"
    assert provider.account().api_key == "sk-of-the-environment"


def test_a_reference_to_another_variable_is_refused_at_once() -> None:
    with pytest.raises(SecretError):
        Provider(name="Team", vendor="openai").set_key("env:DATABASE_URL")


def test_a_missing_key_is_told_where_the_vendor_needs_one() -> None:
    with pytest.raises(AuthenticationError) as caught:
        stored("").account()
    assert caught.value.detail == "No API key is stored."


def test_no_key_is_needed_where_the_vendor_needs_none() -> None:
    assert stored("", vendor="ollama").account().api_key == ""


def test_a_key_sealed_for_another_row_is_not_sent() -> None:
    provider = stored()
    Provider.objects.filter(pk=provider.pk).update(uid=uuid.uuid4())
    with pytest.raises(AuthenticationError) as caught:
        Provider.objects.get(pk=provider.pk).account()
    assert caught.value.detail == "The stored API key is damaged or belongs to another row."


def test_a_key_of_a_lost_ring_is_not_sent(settings: Settings) -> None:
    provider = stored()
    settings.DATAMATE_ENCRYPTION_KEYS = ["another"]
    with pytest.raises(AuthenticationError) as caught:
        provider.account()
    assert caught.value.detail == (
        "The stored API key was sealed with a key that this server lacks."
    )


# Address and key


@pytest.mark.parametrize(
    "change", [{"base_url": "https://evil.example/v1"}, {"vendor": "deepseek"}]
)
def test_a_new_address_needs_the_key_again(change: dict[str, str]) -> None:
    provider = stored()
    for name, value in change.items():
        setattr(provider, name, value)
    assert complaints(provider) == {"base_url": [NEEDS_KEY]}


def test_a_new_address_is_refused_by_save_as_well() -> None:
    provider = stored()
    provider.base_url = "https://evil.example/v1"
    with pytest.raises(ValidationError, match="Enter the key again"):
        provider.save()
    assert Provider.objects.get().base_url == ""


@pytest.mark.parametrize("key", ["sk-abcdefgh1234", "sk-of-the-new-one", ""])
def test_a_new_address_is_taken_with_the_key_given_again_or_removed(key: str) -> None:
    provider = stored()
    provider.base_url = "https://other.example/v1"
    provider.set_key(key)
    provider.full_clean()
    provider.save()
    assert Provider.objects.get().base_url == "https://other.example/v1"


def test_a_reference_is_guarded_like_a_key() -> None:
    provider = stored("env:TEAM_API_KEY")
    provider.base_url = "https://evil.example/v1"
    assert complaints(provider) == {"base_url": [NEEDS_KEY]}
    provider.set_key("env:TEAM_API_KEY")
    provider.full_clean()


def test_the_second_change_needs_the_key_again() -> None:
    provider = stored()
    provider.base_url = "https://other.example/v1"
    provider.set_key("sk-abcdefgh1234")
    provider.save()
    provider.base_url = "https://evil.example/v1"
    assert complaints(provider) == {"base_url": [NEEDS_KEY]}


def test_other_fields_change_without_the_key() -> None:
    provider = stored()
    provider.timeout_seconds = 30
    provider.full_clean()
    provider.save()
    assert Provider.objects.get().timeout_seconds == 30


def test_a_provider_without_a_key_may_move() -> None:
    provider = stored("", vendor="ollama")
    provider.base_url = "http://ollama.internal:11434/v1"
    provider.full_clean()


# Account


def test_the_account_takes_the_vendors_address_where_none_is_given() -> None:
    account = stored().account()
    assert account.base_url == "https://api.openai.com/v1"
    assert account.family == "openai"
    assert account.max_tokens_field == "max_completion_tokens"


def test_the_account_takes_what_is_given() -> None:
    account = stored(
        vendor="compatible",
        base_url="https://gateway.example/v1/ ",
        extra_headers={"X-Team": "data"},
        extra_body={"top_k": 20},
        timeout_seconds=30,
    ).account()
    assert account.base_url == "https://gateway.example/v1"
    assert account.headers == {"X-Team": "data"}
    assert account.body == {"top_k": 20}
    assert account.timeout_seconds == 30
    assert account.max_tokens_field == "max_tokens"


@pytest.mark.parametrize("seconds", [0, 301])
def test_the_timeout_has_bounds(seconds: int) -> None:
    provider = Provider(name="Team", vendor="openai", timeout_seconds=seconds)
    assert list(complaints(provider)) == ["timeout_seconds"]


# Models of the vendor


def test_the_catalogue_fills_in_the_models_that_are_missing() -> None:
    provider = stored()
    known = LanguageModel.objects.create(provider=provider, name="gpt-6-luna", label="Mine")
    created = provider.add_catalogue_models()
    assert "gpt-6-luna" not in [model.name for model in created]
    assert provider.models.count() == len(provider.catalogue_entry.models)
    known.refresh_from_db()
    assert known.label == "Mine"


def test_filling_in_twice_adds_nothing() -> None:
    provider = stored()
    provider.add_catalogue_models()
    assert provider.add_catalogue_models() == []


def test_names_are_unique() -> None:
    stored()
    with pytest.raises(IntegrityError):
        Provider.objects.create(name="Team", vendor="openai")


def test_enabled_providers_are_found() -> None:
    enabled = stored()
    stored(name="Old", is_enabled=False)
    assert list(Provider.objects.enabled()) == [enabled]
