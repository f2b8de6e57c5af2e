"""The product's settings in a data directory of their own, with loopback servers allowed."""

from __future__ import annotations

import os
import tempfile

os.environ.setdefault("DATAMATE_DATA_DIR", tempfile.mkdtemp(prefix="datamate-tests-"))
os.environ.setdefault("DATAMATE_ALLOWED_PRIVATE_HOSTS", "127.0.0.0/8")
os.environ.setdefault("DATAMATE_LOG_LEVEL", "WARNING")

from datamate.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# A file, not memory: the engine's database thread has a connection of its own.
DATABASES["default"].setdefault("TEST", {})  # noqa: F405
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    DATABASES["default"]["TEST"]["NAME"] = str(DATA_DIR / "test.sqlite3")  # noqa: F405
