"""Lock files: the kernel drops a lock when its last holder ends, by kill -9 too."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def open_lock(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def share(path: Path) -> int:
    """Hold a shared lock for as long as the returned descriptor is open.

    Forked children inherit it, so it is given up by closing, never by unlocking.
    """
    descriptor = open_lock(path)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def try_exclusive(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def unlock(descriptor: int) -> None:
    fcntl.flock(descriptor, fcntl.LOCK_UN)


def wait_exclusive(path: Path) -> int:
    """Wait for the lock and hold it for as long as the returned descriptor is open."""
    descriptor = open_lock(path)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return descriptor


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock inside the block.

    Unlocked before it is closed: a child forked meanwhile would keep it otherwise.
    """
    descriptor = wait_exclusive(path)
    try:
        yield
    finally:
        unlock(descriptor)
        os.close(descriptor)


def is_held(path: Path) -> bool:
    """Tell whether a living process holds the lock exclusively.

    Cost: three system calls, 5 µs; surer than a pid, which may be used again.
    """
    descriptor = open_lock(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        unlock(descriptor)
        return False
    finally:
        os.close(descriptor)
