from __future__ import annotations

import gc
import weakref

import pytest

from synthesis.engine.garbage import THRESHOLDS, seldom_collected


class Knot:
    def __init__(self) -> None:
        self.me = self


def test_what_is_there_already_is_left_out() -> None:
    before = gc.get_threshold()
    with seldom_collected():
        assert gc.get_threshold() == THRESHOLDS
        assert gc.get_freeze_count() > 0
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0


def test_an_error_leaves_the_collector_as_it_was() -> None:
    before = gc.get_threshold()
    with pytest.raises(ZeroDivisionError), seldom_collected():
        _ = 1 / 0
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)


def test_new_cycles_are_still_collected() -> None:
    with seldom_collected():
        seen = weakref.ref(Knot())
        gc.collect()
    assert seen() is None
