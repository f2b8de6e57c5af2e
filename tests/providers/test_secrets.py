from __future__ import annotations

import base64

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from providers import secrets
from providers.secrets import SecretError

CONTEXT = "provider:1:api_key"
DAMAGED = "The stored API key is damaged or belongs to another row."
FOREIGN = "The stored API key was sealed with a key that this server lacks."


@pytest.fixture(autouse=True)
def ring(settings: Settings) -> None:
    settings.DATAMATE_ENCRYPTION_KEYS = ["new", "old"]


def refusal(text: str, context: str = CONTEXT) -> str:
    with pytest.raises(SecretError) as caught:
        secrets.open_sealed(text, context)
    return str(caught.value)


@pytest.mark.parametrize("secret", ["sk-1234", "", "钥匙", "x" * 10_000])
def test_what_was_sealed_opens_again(secret: str) -> None:
    assert secrets.open_sealed(secrets.seal(secret, CONTEXT), CONTEXT) == secret


def test_sealed_text_names_version_and_key_and_hides_the_secret() -> None:
    version, key_id, payload = secrets.seal("sk-1234", CONTEXT).split(":")
    assert version == "v1"
    assert len(key_id) == 8
    assert b"sk-1234" not in base64.b64decode(payload)


def test_the_same_secret_never_looks_the_same() -> None:
    assert secrets.seal("sk-1234", CONTEXT) != secrets.seal("sk-1234", CONTEXT)


def test_a_text_moved_to_another_row_does_not_open() -> None:
    assert refusal(secrets.seal("sk-1234", CONTEXT), "provider:2:api_key") == DAMAGED


@pytest.mark.parametrize("position", [0, 11, 12, -1])
def test_a_changed_byte_does_not_open(position: int) -> None:
    version, key_id, payload = secrets.seal("sk-1234", CONTEXT).split(":")
    sealed = bytearray(base64.b64decode(payload))
    sealed[position] ^= 1
    changed = base64.b64encode(bytes(sealed)).decode()
    assert refusal(f"{version}:{key_id}:{changed}") == DAMAGED


@pytest.mark.parametrize("payload", ["", "!", "AAAA", "sk-1234"])
def test_what_is_no_sealed_text_does_not_open(payload: str) -> None:
    key_id = secrets.seal("x", CONTEXT).split(":")[1]
    assert refusal(f"v1:{key_id}:{payload}") == DAMAGED


@pytest.mark.parametrize("text", ["", "sk-1234", "v1:", "v1:00000000:AAAA", "v2:00000000:AAAA"])
def test_a_key_that_is_not_in_the_ring_is_told(text: str) -> None:
    assert refusal(text) == FOREIGN


def test_the_first_key_seals_and_every_key_opens(settings: Settings) -> None:
    settings.DATAMATE_ENCRYPTION_KEYS = ["old"]
    sealed = secrets.seal("sk-1234", CONTEXT)
    settings.DATAMATE_ENCRYPTION_KEYS = ["new", "old"]
    assert secrets.open_sealed(sealed, CONTEXT) == "sk-1234"
    assert not secrets.is_current(sealed)
    assert secrets.is_current(secrets.seal("sk-1234", CONTEXT))


def test_a_key_taken_away_opens_no_longer(settings: Settings) -> None:
    settings.DATAMATE_ENCRYPTION_KEYS = ["old"]
    sealed = secrets.seal("sk-1234", CONTEXT)
    settings.DATAMATE_ENCRYPTION_KEYS = ["new"]
    assert refusal(sealed) == FOREIGN


def test_an_empty_ring_is_a_mistake_in_the_settings(settings: Settings) -> None:
    settings.DATAMATE_ENCRYPTION_KEYS = [""]
    message = "DATAMATE_ENCRYPTION_KEYS is empty: no API key can be stored"
    with pytest.raises(ImproperlyConfigured, match=message):
        secrets.seal("sk-1234", CONTEXT)


def test_a_reference_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEAM_API_KEY", "sk-1234")
    assert secrets.read_reference("env:TEAM_API_KEY") == "sk-1234"


@pytest.mark.parametrize(
    "reference",
    [
        "env:DATAMATE_SECRET_KEY",
        "env:DATABASE_URL",
        "env:AWS_SECRET_ACCESS_KEY",
        "env:_API_KEY",
        "env:team_api_key",
        "env:TEAM_API_KEY ",
        "env:TEAM_API_KEY_FILE",
        "env:",
    ],
)
def test_no_other_variable_of_the_server_can_be_read(
    reference: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(reference.removeprefix("env:") or "X", "secret of the server")
    with pytest.raises(SecretError) as caught:
        secrets.read_reference(reference)
    assert str(caught.value) == "Only environment variables that end in _API_KEY may hold a key."


def test_a_variable_that_is_not_set_is_told() -> None:
    with pytest.raises(SecretError) as caught:
        secrets.read_reference("env:NOBODY_SET_THIS_API_KEY")
    assert str(caught.value) == "The environment variable NOBODY_SET_THIS_API_KEY is not set."


@pytest.mark.parametrize("key", ["“sk-abc”", "sk-abc\nsk-def", "sk-ábc", "sk-abc\u200b", "密钥"])
def test_a_key_that_no_header_can_carry_is_refused(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINE_API_KEY", key)
    for refuse in (
        lambda: secrets.check_key(key),
        lambda: secrets.read_reference("env:MINE_API_KEY"),
    ):
        with pytest.raises(SecretError) as caught:
            refuse()
        assert str(caught.value) == (
            "The API key has characters that cannot be sent in a header, such as Chinese quotation"
            " marks, a line break or an accent. Copy it from the vendor again."
        )


@pytest.mark.parametrize("key", ["", "sk-proj-A_b.c~d+e/f=", "env:MINE_API_KEY"])
def test_a_key_that_a_header_can_carry_passes(key: str) -> None:
    secrets.check_key(key)


@pytest.mark.parametrize(
    ("secret", "hint"),
    [
        ("sk-abcdefgh1234", "…1234"),
        ("123456789012", "…9012"),
        ("short", "…"),
        ("env:TEAM_API_KEY", "env:TEAM_API_KEY"),
    ],
)
def test_a_hint_shows_four_characters_of_a_long_secret_at_most(secret: str, hint: str) -> None:
    assert secrets.hint(secret) == hint
