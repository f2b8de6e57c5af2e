"""Read settings from environment variables, naming the variable in every error."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from django.core.exceptions import ImproperlyConfigured

TRUE_WORDS = {"1", "true", "yes", "on"}
FALSE_WORDS = {"0", "false", "no", "off", ""}


def text(name: str, default: str = "") -> str:
    """Return the variable, or the content of the file that <name>_FILE names."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ImproperlyConfigured(f"{name}_FILE={path!r} cannot be read: {error}") from error
    return os.environ.get(name, default)


def boolean(name: str, default: bool = False) -> bool:
    word = os.environ.get(name, str(default)).strip().lower()
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise ImproperlyConfigured(f"{name}={word!r} must be true or false")


def integer(name: str, default: int, minimum: int = 0) -> int:
    value = os.environ.get(name, str(default))
    try:
        number = int(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}={value!r} must be a whole number") from error
    if number < minimum:
        raise ImproperlyConfigured(f"{name}={value!r} must be at least {minimum}")
    return number


def fraction(name: str, default: float) -> float:
    value = os.environ.get(name, str(default))
    try:
        number = float(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}={value!r} must be a number from 0 to 1") from error
    if not 0 <= number <= 1:
        raise ImproperlyConfigured(f"{name}={value!r} must be a number from 0 to 1")
    return number


def choice(name: str, default: str, choices: Sequence[str]) -> str:
    """Return the choice that the variable names, however it is written, in its own spelling."""
    value = text(name, default)
    for chosen in choices:
        if chosen.lower() == value.strip().lower():
            return chosen
    raise ImproperlyConfigured(f"{name}={value!r} must be one of {', '.join(choices)}")


def time_zone(name: str, default: str) -> str:
    value = text(name, default)
    try:
        return ZoneInfo(value).key
    except (KeyError, ValueError, OSError) as error:
        raise ImproperlyConfigured(
            f"{name}={value!r} must be a time zone such as Asia/Shanghai"
        ) from error


def folder(name: str, default: str) -> Path:
    """Return the folder that the variable names, made if it is not there."""
    path = Path(text(name, default)).expanduser().resolve()
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(f"{name}={str(path)!r} is no folder: {error}") from error
    return path


def words(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def generated_secret(name: str, path: Path, size_bytes: int = 32) -> str:
    """Return the variable, else the secret kept in path, made at first use.

    Two processes may start at once: the file is linked into place whole,
    and whoever comes second reads what the first one wrote.
    """
    value = text(name)
    if value:
        return value
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(size_bytes), encoding="utf-8")
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="utf-8").strip()
