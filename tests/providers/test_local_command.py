from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.any_database


def test_prints_the_address_and_ends_with_ctrl_c(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "manage.py", "local_model"],
        env={**os.environ, "DATAMATE_DATA_DIR": str(tmp_path), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    line = process.stdout.readline()
    process.send_signal(signal.SIGINT)
    rest, _errors = process.communicate(timeout=20)
    assert line.startswith("SmolLM2-135M-Instruct answers at http://127.0.0.1:")
    assert rest == "It ends with the last process that uses it.\n"
    assert process.returncode == 0


def test_says_why_it_cannot_serve(settings):
    settings.DATAMATE_LOCAL_MODEL_PATH = "/none.gguf"
    message = "DATAMATE_LOCAL_MODEL_PATH names /none.gguf, which cannot be read"
    with pytest.raises(CommandError, match=message):
        call_command("local_model")
