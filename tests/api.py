"""Users of the API, each with what a test says they may do."""

from __future__ import annotations

import itertools
from typing import Any

from django.contrib.auth.models import Permission, User
from rest_framework.test import APIClient

APPS = ("providers", "synthesis", "quality")
VERBS = ("view", "add", "change", "delete", "review")

numbers = itertools.count(1)


class JSONClient(APIClient):
    default_format = "json"


def user(*verbs: str) -> User:
    """Make a user with the permissions of these verbs on every model of the product."""
    row = User.objects.create_user(f"user {next(numbers)}")
    # By number, without reading a hundred rows: most tests of the API make a user.
    known = Permission.objects.filter(content_type__app_label__in=APPS).order_by()
    through = User.user_permissions.through
    through.objects.bulk_create(
        through(user_id=row.pk, permission_id=number)
        for number, codename in known.values_list("pk", "codename")
        if codename.partition("_")[0] in verbs
    )
    return row


def client(*verbs: str, **headers: Any) -> JSONClient:
    """Log such a user in; without verbs, one who may do nothing."""
    made = JSONClient(headers=headers)
    made.force_authenticate(user(*verbs))
    return made


def editor(**headers: Any) -> JSONClient:
    return client(*VERBS, **headers)
