"""The product's settings in a data directory of their own, with loopback servers allowed."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

if "DATAMATE_DATA_DIR" not in os.environ:
    # Set for the processes that tests start as well; only the first one takes it away.
    os.environ["DATAMATE_DATA_DIR"] = tempfile.mkdtemp(prefix="datamate-tests-")
    atexit.register(shutil.rmtree, os.environ["DATAMATE_DATA_DIR"], ignore_errors=True)
os.environ.setdefault("DATAMATE_ALLOWED_PRIVATE_HOSTS", "127.0.0.0/8")
os.environ.setdefault("DATAMATE_LOG_LEVEL", "WARNING")
os.environ.setdefault("DATAMATE_API_REQUESTS_PER_MINUTE", "0")

from datamate.settings import *  # noqa: F403
from datamate.settings import DATA_DIR, DATABASES

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, for several threads and processes use it; no test needs it after a power cut.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / f"tests-{os.getpid()}.sqlite3")}
    DATABASES["default"]["OPTIONS"] = {
        **DATABASES["default"]["OPTIONS"],
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
        " PRAGMA busy_timeout=20000;",
    }
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Else each test client reads the whole static folder before its first request.
WHITENOISE_AUTOREFRESH = True
