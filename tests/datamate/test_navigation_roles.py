"""The sidebar of each role: what its member may open, in its order, and nothing else."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.test import RequestFactory
from django.urls import reverse
from django.utils import translation

from datamate import navigation

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

ROLES = {
    "viewer of records": (["view_record"], ["Dashboard", "Records"]),
    "reviewer": (["view_record", "review_record"], ["Dashboard", "Records", "Review"]),
    "who may review and see nothing": (["review_record"], ["Dashboard"]),
    "author": (
        ["view_prompttemplate", "view_synthesistask", "view_run", "view_dataset"],
        ["Dashboard", "Synthesis tasks", "Prompt templates", "Runs", "Datasets"],
    ),
    "who may change and not view": (
        ["change_prompttemplate"],
        ["Dashboard", "Prompt templates"],
    ),
    "who may only add": (["add_prompttemplate"], ["Dashboard"]),
    "keeper of the models": (
        ["view_provider", "view_languagemodel"],
        ["Dashboard", "Providers", "Language models"],
    ),
    "keeper of the users": (["view_user", "view_group"], ["Dashboard", "Users", "Groups"]),
    "keeper of quality": (
        ["view_qualitypolicy", "view_contentrule", "view_rubric", "view_evaluation"],
        ["Dashboard", "Quality policies", "Content rules", "Rubrics", "Evaluations"],
    ),
    "a stranger to all": ([], ["Dashboard"]),
}

LABELS = [
    *navigation.SYNTHESIS,
    *navigation.QUALITY,
    *navigation.MODELS,
    *navigation.ADMINISTRATION,
]


def member(codenames: list[str]) -> User:
    user = User.objects.create_user("member", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return user


def sections(user: User, path: str = "/admin/"):
    request = RequestFactory().get(path)
    request.user = user
    return navigation.sections(request)


@pytest.mark.parametrize(("codenames", "titles"), ROLES.values(), ids=ROLES)
def test_a_role_sees_its_pages_in_order(codenames: list[str], titles: list[str]) -> None:
    shown = [str(item["title"]) for part in sections(member(codenames)) for item in part["items"]]
    assert shown == titles


@pytest.mark.parametrize(("codenames", "titles"), ROLES.values(), ids=ROLES)
def test_a_role_sees_the_tabs_of_its_pages(codenames: list[str], titles: list[str]) -> None:
    request = RequestFactory().get("/admin/")
    request.user = member(codenames)
    tabs = [str(item["title"]) for item in navigation.tabs(request)[0]["items"]]
    beside = ("Synthesis tasks", "Ratio tasks", "Prompt templates", "Runs")
    assert tabs == [title for title in beside if title in titles]


def test_a_member_who_is_not_active_sees_nothing() -> None:
    user = member(["view_record"])
    user.is_active = False
    titles = [str(item["title"]) for part in sections(user) for item in part["items"]]
    assert titles == ["Dashboard"]


def test_every_title_is_chinese(admin_user: User) -> None:
    with translation.override("zh-hans"):
        titles = [str(item["title"]) for part in sections(admin_user) for item in part["items"]]
        parts = [str(part["title"]) for part in sections(admin_user) if "title" in part]
    assert len(titles) >= len(LABELS) + 1
    assert [title for title in (*titles, *parts) if title.isascii()] == []


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("tail", ["", "add/", "1/change/"])
def test_each_page_marks_itself_alone(admin_user: User, label: str, tail: str) -> None:
    link = reverse(f"admin:{label.lower().replace('.', '_')}_changelist")
    shown = [item for part in sections(admin_user, f"{link}{tail}") for item in part["items"]]
    assert [item["link"] for item in shown if item["active"]] == [link]


def test_the_pages_of_the_queue_are_nowhere(admin_user: User) -> None:
    links = [item["link"] for part in sections(admin_user) for item in part["items"]]
    assert links[0] == reverse("admin:index")
    assert not [link for link in links if "django_q" in link]
