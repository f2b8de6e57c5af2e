"""What the kernel knows of processes: who lives, and who belongs to which session."""

from __future__ import annotations

import os
from pathlib import Path

PROC = Path("/proc")
DEAD_STATES = {"Z", "X"}


def is_alive(pid: int) -> bool:
    """Tell whether a process of this host runs; a zombie does not."""
    if PROC.is_dir():
        fields = stat_fields(pid)
        return bool(fields) and fields[0] not in DEAD_STATES
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def session_members(session_id: int) -> set[int]:
    """Return the living processes of a session; empty where there is no /proc.

    Session 0 is none of ours: in a container it holds whatever was started from outside.
    """
    if session_id <= 0 or not PROC.is_dir():
        return set()
    found = set()
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            fields = stat_fields(int(entry.name))
            if fields and fields[0] not in DEAD_STATES and int(fields[3]) == session_id:
                found.add(int(entry.name))
    return found


def stat_fields(pid: int) -> list[str]:
    """Return the fields of /proc/<pid>/stat from the state on; empty for no such process."""
    try:
        text = (PROC / str(pid) / "stat").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return []
    return text.rpartition(")")[2].split()


def command_line(pid: int) -> str:
    try:
        return (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    except (FileNotFoundError, ProcessLookupError):
        return ""
