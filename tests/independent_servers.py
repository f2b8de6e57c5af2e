"""Servers that others wrote, to test against something that was not made to fit.

llmock    PyPI, in requirements-dev.txt
aimock    npm, installed once beside the Python environment
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

AIMOCK_PACKAGE = "@copilotkit/aimock"
AIMOCK_VERSION = "1.43.0"
NODE_FOLDER = Path(sys.prefix) / "node"
START_SECONDS = 60


@contextmanager
def llmock(folder: Path, *options: str) -> Iterator[str]:
    """Run llmock; yields its address, with /v1 for OpenAI and /anthropic for Anthropic."""
    program = Path(sys.executable).with_name("llmock")
    if not program.exists():
        pytest.fail(f"{program} is missing: pip install -r requirements-dev.txt")
    port = free_port()
    command = [str(program), "serve", "-p", str(port), "--log-level", "warning", *options]
    with running(command, port, folder / "llmock.log") as address:
        yield address


@contextmanager
def aimock(folder: Path, answers: dict[str, str]) -> Iterator[str]:
    """Run aimock, which answers a prompt that contains a key with its value."""
    script = installed_aimock()
    fixtures = [
        {"match": {"userMessage": asked}, "response": {"content": answer}}
        for asked, answer in answers.items()
    ]
    path = folder / "fixtures.json"
    path.write_text(json.dumps({"fixtures": fixtures}), encoding="utf-8")
    port = free_port()
    command = ["node", str(script), "-p", str(port), "-f", str(path), "--strict"]
    with running(command, port, folder / "aimock.log") as address:
        yield address


def installed_aimock() -> Path:
    """Return aimock's script, installed by npm where it is missing."""
    script = NODE_FOLDER / "node_modules" / AIMOCK_PACKAGE / "dist" / "cli.js"
    NODE_FOLDER.mkdir(exist_ok=True)
    with (NODE_FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not script.exists():
            install_aimock()
    return script


def install_aimock() -> None:
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.fail(f"{program} is missing: these tests run {AIMOCK_PACKAGE} on Node.js 20+")
    package = f"{AIMOCK_PACKAGE}@{AIMOCK_VERSION}"
    command = ["npm", "install", "--prefix", str(NODE_FOLDER), "--no-audit", "--no-fund", package]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        pytest.fail(f"npm could not install {package}:\n{done.stderr}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(command: list[str], port: int, log_path: Path) -> Iterator[str]:
    """Run a server in a session of its own until the block ends."""
    with log_path.open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    try:
        wait_until_open(process, port, log_path)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_until_open(process: subprocess.Popen[bytes], port: int, log_path: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail(f"{process.args} did not start:\n{log_path.read_text()}")
