"""Seal API keys at rest: AES-256-GCM under a ring of keys from the settings.

The first key of DATAMATE_ENCRYPTION_KEYS seals and all of them open, so that a new
key is put in front, `manage.py rotate_keys` runs, and the old key is taken away.
Sealed text reads v1:<key id>:<base64 of nonce and ciphertext>.
"""

from __future__ import annotations

import base64
import binascii
import functools
import hashlib
import os
import re

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _

VERSION = "v1"
NONCE_BYTES = 12
# Only variables of this form may be named as a key: a reference to any other one would let
# whoever edits a provider send this machine's secrets to an address of their own.
REFERENCE = re.compile(r"env:([A-Z][A-Z0-9_]{0,99}_API_KEY)")


class SecretError(Exception):
    """A sealed key cannot be opened, or a reference leads to nothing."""


@functools.lru_cache(maxsize=8)
def key_ring(passphrases: tuple[str, ...]) -> dict[str, bytes]:
    """Derive the 32-byte keys by their ids, the sealing one first."""
    ring = {}
    for passphrase in passphrases:
        derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"datamate api keys v1")
        key = derive.derive(passphrase.encode())
        ring[hashlib.sha256(key).hexdigest()[:8]] = key
    return ring


def configured_ring() -> dict[str, bytes]:
    passphrases = tuple(word for word in settings.DATAMATE_ENCRYPTION_KEYS if word)
    if not passphrases:
        raise ImproperlyConfigured("DATAMATE_ENCRYPTION_KEYS is empty: no API key can be stored")
    return key_ring(passphrases)


def seal(secret: str, context: str) -> str:
    """Encrypt secret, bound to context: the text opens nowhere else."""
    key_id, key = next(iter(configured_ring().items()))
    nonce = os.urandom(NONCE_BYTES)
    sealed = nonce + AESGCM(key).encrypt(nonce, secret.encode(), context.encode())
    return f"{VERSION}:{key_id}:{base64.b64encode(sealed).decode()}"


def open_sealed(text: str, context: str) -> str:
    """Decrypt what seal made.

    Errors: SecretError when the key is not in the ring, or text or context was changed.
    """
    version, _separator, rest = text.partition(":")
    key_id, _separator, payload = rest.partition(":")
    key = configured_ring().get(key_id)
    if version != VERSION or key is None:
        raise SecretError(_("The stored API key was sealed with a key that this server lacks."))
    try:
        sealed = base64.b64decode(payload, validate=True)
        opened = AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context.encode())
    except (InvalidTag, binascii.Error, ValueError) as error:
        raise SecretError(_("The stored API key is damaged or belongs to another row.")) from error
    return opened.decode()


def is_current(text: str) -> bool:
    """Tell whether text is sealed with the first key of the ring."""
    return text.startswith(f"{VERSION}:{next(iter(configured_ring()))}:")


def check_key(key: str) -> None:
    """Refuse a key that no request could carry, or a reference that may hold none.

    Errors: SecretError.
    """
    if is_reference(key):
        check_reference(key)
    elif not (key.isascii() and key.isprintable()):
        raise SecretError(
            _(
                "The API key has characters that cannot be sent in a header, such as Chinese"
                " quotation marks, a line break or an accent. Copy it from the vendor again."
            )
        )


def is_reference(text: str) -> bool:
    return text.startswith("env:")


def check_reference(text: str) -> str:
    """Return the name in env:NAME.

    Errors: SecretError when it is not one that may hold a key.
    """
    match = REFERENCE.fullmatch(text)
    if match is None:
        raise SecretError(_("Only environment variables that end in _API_KEY may hold a key."))
    return match[1]


def read_reference(text: str) -> str:
    """Return the value of the environment variable that env:NAME names.

    Errors: SecretError when the name is not allowed or the variable holds no key.
    """
    name = check_reference(text)
    value = os.environ.get(name, "")
    if not value:
        raise SecretError(_("The environment variable %(name)s is not set.") % {"name": name})
    check_key(value)
    return value


def hint(secret: str) -> str:
    """Show the last four characters at most, and those of a long secret only."""
    if is_reference(secret):
        return secret
    return f"…{secret[-4:]}" if len(secret) >= 12 else "…"
