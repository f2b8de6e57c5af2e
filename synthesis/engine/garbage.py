"""Python's garbage collector in a runner, which makes many objects and hardly any cycles.

As it is set by default it goes through the whole program, all of Django and the vendors'
SDKs, again and again: 15 % of a runner's CPU time.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

THRESHOLDS = (10_000, 10, 10)  # objects made and not freed; then collections of the younger


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Leave out what is there already, and look at the rest less often."""
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()
