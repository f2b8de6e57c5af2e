"""The product's settings, with a toy judge that decides on what every run makes."""

from __future__ import annotations

from datamate.settings import *  # noqa: F403
from datamate.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults.apps.JudgedConfig"]
