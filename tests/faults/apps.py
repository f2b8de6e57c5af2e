from __future__ import annotations

from django.apps import AppConfig


class JudgedConfig(AppConfig):
    """Lets the toy judge decide in the processes of a worker too."""

    name = "tests.faults"

    def ready(self) -> None:
        from tests import toy_judge

        toy_judge.connect()
