"""Turn DATABASE_URL into Django's DATABASES entry.

PostgreSQL options bound every wait: a query on a half-open connection was
seen blocked for 70 s with the defaults and fails after 11 s with these.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

POSTGRES_SCHEMES = {"postgres", "postgresql"}
CONNECTION_MAX_AGE_SECONDS = 60
UNREADABLE = (
    "DATABASE_URL cannot be read: check its host and port, and write the special characters "
    "of its password as %XX, such as %2F for a slash"
)

SQLITE_OPTIONS = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=20000;",
}

POSTGRES_OPTIONS = {
    "connect_timeout": "5",
    "tcp_user_timeout": "10000",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "options": "-c statement_timeout=60000 -c lock_timeout=30000"
    " -c idle_in_transaction_session_timeout=60000",
}


def configuration(url: str, data_dir: Path) -> dict[str, Any]:
    """Return one DATABASES entry for url, or for SQLite in data_dir.

    Errors: ImproperlyConfigured when the scheme is not supported or the url cannot be read.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        # Without its words: a password that is not quoted is taken for the port, and shown.
        raise ImproperlyConfigured(UNREADABLE) from None
    if not url or parts.scheme == "sqlite":
        path = unquote(parts.path).removeprefix("/") if url else ""
        return sqlite(Path(path) if path else data_dir / "datamate.sqlite3")
    if parts.scheme in POSTGRES_SCHEMES:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or ""),
            "PORT": str(port or ""),
            "CONN_MAX_AGE": CONNECTION_MAX_AGE_SECONDS,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": {**POSTGRES_OPTIONS, **dict(parse_qsl(parts.query))},
        }
    raise ImproperlyConfigured(
        f"DATABASE_URL has the scheme {parts.scheme!r}; use postgresql:// or sqlite:///"
    )


def sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "CONN_MAX_AGE": CONNECTION_MAX_AGE_SECONDS,
        "OPTIONS": SQLITE_OPTIONS,
    }
