"""One server for all processes that share a data directory on one machine.

Each model has a folder of its own, so a changed setting starts a second server while
the first one ends with its last user. In the folder:
users.lock     shared by every process that uses the server, as long as it lives
start.lock     held by the process that starts the server
server.lock    held by the server as long as it lives
address.json   where the server listens, written when it can answer
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import select
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from providers.errors import LocalModelError
from providers.local import locks
from providers.local import weights as model_weights
from providers.local.weights import Weights

STARTUP_SECONDS = 60.0
LOG_TAIL_LINES = 8


@dataclass(frozen=True)
class Home:
    """The folder that the server of one model is known by."""

    folder: Path

    @classmethod
    def of(cls, weights: Weights) -> Home:
        # The host's name is in it because containers may share the data directory,
        # and 127.0.0.1 is another place in each of them.
        identity = (platform.node(), str(weights.path), weights.size_bytes, weights.modified_ns)
        digest = hashlib.sha256(repr(identity).encode()).hexdigest()[:16]
        return cls(Path(settings.DATA_DIR) / "local-model" / digest)

    @property
    def users_lock(self) -> Path:
        return self.folder / "users.lock"

    @property
    def start_lock(self) -> Path:
        return self.folder / "start.lock"

    @property
    def server_lock(self) -> Path:
        return self.folder / "server.lock"

    @property
    def address_file(self) -> Path:
        return self.folder / "address.json"


@dataclass
class Membership:
    """This process's place among the users of one server; one per process."""

    guard: threading.Lock
    home: Home | None = None
    descriptor: int = -1


membership = Membership(threading.Lock())


def renew_guard() -> None:
    # The thread that held the guard does not exist in a forked child.
    membership.guard = threading.Lock()


os.register_at_fork(after_in_child=renew_guard)


def ensure_server() -> str:
    """Return the address of a running server, starting it where none runs.

    Cost: 0.1 ms while it runs; a second to start; ask before every call.
    Errors: LocalModelError when it cannot start.
    """
    weights = model_weights.description()
    home = Home.of(weights)
    with membership.guard:
        if home != membership.home:
            model_weights.check_servable(weights)
            join(home)
        return running_address(home) or start(home, weights)


def join(home: Home) -> None:
    home.folder.mkdir(parents=True, exist_ok=True)
    descriptor = locks.share(home.users_lock)
    if membership.home is not None:
        os.close(membership.descriptor)
    membership.home, membership.descriptor = home, descriptor


def running_address(home: Home) -> str | None:
    if not locks.is_held(home.server_lock):
        return None
    try:
        state = json.loads(home.address_file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return str(state["address"])


def start(home: Home, weights: Weights) -> str:
    with locks.exclusive(home.start_lock):
        address = running_address(home)
        if address is None:
            model_weights.check_servable(weights)
            launch(home, weights)
            address = running_address(home)
    if address is None:
        raise LocalModelError(_("The local model ended as soon as it had started."))
    return address


def launch(home: Home, weights: Weights) -> None:
    """Start the server as a process of its own, and wait until it can answer."""
    log = fresh_log()
    readable, writable = os.pipe()
    demo = int(weights.is_demo_quality)
    arguments = [home.folder, weights.path, weights.name, writable, demo]
    command = [sys.executable, "-m", "providers.local.server", *map(str, arguments)]
    try:
        with log.open("ab") as output:
            subprocess.run(  # noqa: S603
                command,
                cwd=settings.BASE_DIR,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=[writable],
                start_new_session=True,
                check=False,
            )
    finally:
        os.close(writable)
    try:
        await_ready(readable, log)
    finally:
        os.close(readable)


def fresh_log() -> Path:
    """Return the path for this start's log; the previous one is kept beside it."""
    log = Path(settings.DATA_DIR) / "logs" / "local-model.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        log.replace(log.with_name("local-model.previous.log"))
    return log


def await_ready(pipe: int, log: Path) -> None:
    """Read the server's process id, then its word that it can answer."""
    deadline = time.monotonic() + STARTUP_SECONDS
    said = b""
    while said.count(b"\n") < 2:
        readable, _w, _x = select.select([pipe], [], [], max(0, deadline - time.monotonic()))
        if not readable:
            kill(said)
            message = _("The local model did not answer within %(seconds)d seconds.")
            raise LocalModelError(message % {"seconds": STARTUP_SECONDS} + tail(log))
        chunk = os.read(pipe, 100)
        if not chunk:
            raise LocalModelError(_("The local model could not start.") + tail(log))
        said += chunk


def kill(said: bytes) -> None:
    pid = said.partition(b"\n")[0]
    if pid:
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)


def tail(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(["", str(log), *lines[-LOG_TAIL_LINES:]])
