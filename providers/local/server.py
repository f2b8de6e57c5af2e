"""The process that serves the model; knows nothing of Django, so that it starts at once.

Run by the launcher: python -m providers.local.server FOLDER MODEL NAME PIPE DEMO
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from providers.local import locks

CONTEXT_TOKENS = 4096
# More slots than threads made nothing faster: 41 tokens a second with one slot on one
# thread, 32 with two, 37 with four; each reply only took longer.
MAX_SLOTS = 4
UNUSED_SECONDS = 2.0
POLL_SECONDS = 0.25
LOG_WARNINGS = 2
CPU_QUOTA_FILE = Path("/sys/fs/cgroup/cpu.max")


def main(folder: Path, model: Path, name: str, pipe: int, is_demo_quality: bool) -> None:
    detach()
    os.write(pipe, f"{os.getpid()}\n".encode())
    locks.wait_exclusive(folder / "server.lock")
    address_file = folder / "address.json"
    address_file.unlink(missing_ok=True)
    server = serve(model, name, is_demo_quality)
    publish(address_file, server.listening_address + "/v1", model)
    # Fails, and so ends the server, when the starter has been killed and nobody reads.
    os.write(pipe, b"ready\n")
    os.close(pipe)
    wait_until_unused(folder / "users.lock")
    # A dying process drops its locks one after the other; whoever gets in between
    # must not be given its address.
    address_file.unlink()
    # Not by the interpreter's way out, which waits for answers that nobody reads.
    os._exit(0)


def detach() -> None:
    """Leave the starter, which is then not a parent that has to reap this process."""
    if os.fork():
        os._exit(0)


def serve(model: Path, name: str, is_demo_quality: bool) -> Any:
    """Load the model and listen on a port of the system's choice."""
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(model)
    parameters.model_alias = {name}
    parameters.n_parallel = slots()
    parameters.n_ctx = parameters.n_parallel * CONTEXT_TOKENS
    parameters.cpuparams.n_threads = threads()
    parameters.cpuparams_batch.n_threads = threads()
    # Its default keeps up to 8 GiB of finished conversations.
    parameters.cache_ram_mib = 0
    parameters.cache_idle_slots = False
    # What it remembers of the prompt before changes the rounding: the same seed would not
    # give the same text.
    parameters.cache_prompt = False
    parameters.verbosity = LOG_WARNINGS
    restrict(parameters)
    if is_demo_quality:
        discourage_repetition(parameters.sampling)
    return xllamacpp.Server(parameters)


def restrict(parameters: Any) -> None:
    """Answer this machine alone, no web page of another origin, and show nobody's prompts."""
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    parameters.cors_origins = "http://127.0.0.1"
    parameters.cors_origins_explicit = True
    parameters.cors_credentials = False
    parameters.ui = False
    parameters.endpoint_slots = False


def discourage_repetition(sampling: Any) -> None:
    """Make phrases less likely that were just said; a caller's own values take precedence.

    The bundled model asks one question five times otherwise: replies whose five questions
    all differ rose from 15 in 30 to 49 in 50.
    """
    sampling.dry_multiplier = 0.8
    sampling.dry_allowed_length = 3
    sampling.dry_penalty_last_n = 512


def slots() -> int:
    """How many calls are answered at once; more wait, and their deadlines run."""
    return min(threads(), MAX_SLOTS)


def threads() -> int:
    """Leave one core free: on busy cores it fell from 95 to 2 tokens a second."""
    return max(1, usable_cores() - 1)


def usable_cores() -> int:
    """Count the cores that this process may use; a container may be given a share of them."""
    cores = float(os.cpu_count() or 1)
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    try:
        quota, period = CPU_QUOTA_FILE.read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return int(cores)
    if quota != "max":
        cores = min(cores, int(quota) / int(period))
    return int(cores)


def publish(path: Path, address: str, model: Path) -> None:
    draft = path.with_suffix(".draft")
    state = {"address": address, "pid": os.getpid(), "model": str(model)}
    draft.write_text(json.dumps(state), encoding="utf-8")
    draft.replace(path)


def wait_until_unused(users_lock: Path) -> None:
    """Return when no process has held the lock for some time.

    It is held on return: whoever comes then waits for the end of this process,
    finds the server gone and starts another.
    """
    descriptor = locks.open_lock(users_lock)
    unused_since: float | None = None
    while True:
        time.sleep(POLL_SECONDS)
        if not locks.try_exclusive(descriptor):
            unused_since = None
            continue
        now = time.monotonic()
        unused_since = unused_since or now
        if now - unused_since >= UNUSED_SECONDS:
            return
        locks.unlock(descriptor)


if __name__ == "__main__":
    folder, model, name, pipe, is_demo_quality = sys.argv[1:]
    main(Path(folder), Path(model), name, int(pipe), bool(int(is_demo_quality)))
