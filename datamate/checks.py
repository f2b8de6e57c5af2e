"""System checks: mistakes in the configuration, found before they cost."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register()
def check_queue_times(**_kwargs: Any) -> list[CheckMessage]:
    """Refuse queue times under which a runner job would run twice."""
    queue = settings.Q_CLUSTER
    slice_end = settings.DATAMATE_SLICE_SECONDS + settings.DATAMATE_CALL_DEADLINE_SECONDS
    if slice_end < queue["timeout"] < queue["retry"]:
        return []
    return [
        Error(
            "A runner job may outlive the queue's timeout or retry.",
            hint="Keep slice + call deadline < timeout < retry in Q_CLUSTER.",
            id="datamate.E001",
        )
    ]
