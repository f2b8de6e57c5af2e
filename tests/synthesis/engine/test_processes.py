from __future__ import annotations

import os
import subprocess
import sys

from synthesis.engine.processes import command_line, is_alive, session_members

PATIENT = [sys.executable, "-c", "input()"]


def test_a_session_has_its_leader_while_that_lives():
    with subprocess.Popen(PATIENT, start_new_session=True, stdin=subprocess.PIPE) as process:
        assert session_members(process.pid) == {process.pid}
        process.kill()
        process.wait()
        assert session_members(process.pid) == set()
        assert not is_alive(process.pid)


def test_a_child_that_leads_no_session_has_no_members():
    with subprocess.Popen(PATIENT, stdin=subprocess.PIPE) as process:
        assert session_members(process.pid) == set()
        process.kill()


def test_no_number_of_a_session_names_processes_from_outside_the_container():
    assert session_members(0) == session_members(-1) == set()


def test_this_process_lives_and_has_a_command_line():
    assert is_alive(os.getpid())
    assert "py" in command_line(os.getpid())


def test_a_number_that_no_process_has_is_not_alive():
    assert not is_alive(2**22 + 1)
    assert command_line(2**22 + 1) == ""
