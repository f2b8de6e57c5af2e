"""The whole product as its user starts it: web server, worker and built-in model."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import ROOT, empty_database

QUICKSTART = [sys.executable, str(ROOT / "manage.py"), "quickstart"]
START_SECONDS = 120
STOP_SECONDS = 60


class Product:
    """A running `manage.py quickstart`, with all that it printed."""

    def __init__(self, folder: Path, database_url: str, **environment: str) -> None:
        self.port = free_port()
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            QUICKSTART,
            env=environment_of(folder, database_url, PORT=str(self.port), **environment),
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(self.process.stdout)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        return "".join(self.lines)

    @property
    def password(self) -> str:
        return self.await_words(r"Password  (\S+) ")[1]

    def await_words(self, pattern: str, seconds: float = START_SECONDS) -> re.Match[str]:
        """Wait until the output matches."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := re.search(pattern, self.output):
                return found
            time.sleep(0.1)
        raise AssertionError(f"{pattern!r} was not printed; this was:\n{self.output}")

    def await_ready(self) -> None:
        self.await_words("Stop      Ctrl-C")

    def interrupt(self) -> int:
        """Press Ctrl-C and wait for the end; returns the exit code."""
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(STOP_SECONDS)
        self.reader.join()
        return code

    def end(self) -> None:
        if self.process.poll() is None:
            self.interrupt()
        self.reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()


def environment_of(folder: Path, database_url: str, **environment: str) -> dict[str, str]:
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "datamate.settings",
        "DATABASE_URL": database_url,
        "DATAMATE_DATA_DIR": str(folder / "data"),
        "DATAMATE_STOP_SECONDS": "5",
        "HOST": "",
        **environment,
    }


def set_up(folder: Path, database_url: str, **environment: str) -> str:
    """Make what the product needs without starting it; returns what was said."""
    return subprocess.run(
        [*QUICKSTART, "--no-serve"],
        env=environment_of(folder, database_url, **environment),
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@contextlib.contextmanager
def running(folder: Path, **environment: str) -> Iterator[Product]:
    """Yield the product on an empty database, ready to be used."""
    with empty_database(folder) as database_url:
        product = Product(folder, database_url, **environment)
        try:
            product.await_ready()
            yield product
        finally:
            product.end()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
