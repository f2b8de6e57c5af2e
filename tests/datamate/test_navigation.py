from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser, Permission, User
from django.test import Client, RequestFactory
from django.urls import reverse

from datamate import navigation

pytestmark = pytest.mark.django_db

TEMPLATES = reverse("admin:synthesis_prompttemplate_changelist")


def shown(user: User | AnonymousUser, path: str = "/admin/") -> dict[str, bool]:
    request = RequestFactory().get(path)
    request.user = user
    return {
        item["link"]: item["active"]
        for section in navigation.sections(request)
        for item in section["items"]
    }


def test_lists_every_page_for_an_administrator(admin_user: User) -> None:
    assert len(shown(admin_user)) == 23


def test_hides_what_the_user_may_not_see() -> None:
    user = User.objects.create_user("author", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_prompttemplate"))
    assert list(shown(user)) == [reverse("admin:index"), TEMPLATES]


@pytest.mark.parametrize("path", [TEMPLATES, f"{TEMPLATES}1/change/"])
def test_marks_one_page_as_open(admin_user: User, path: str) -> None:
    links = shown(admin_user, path)
    assert [link for link, is_active in links.items() if is_active] == [TEMPLATES]


def test_tells_the_review_from_the_list_of_records(admin_user: User) -> None:
    queue = reverse("admin:synthesis_record_review")
    links = shown(admin_user, queue)
    assert [link for link, is_active in links.items() if is_active] == [queue]


def test_puts_tasks_and_templates_side_by_side(admin_user: User) -> None:
    request = RequestFactory().get("/admin/")
    request.user = admin_user
    titles = [item["title"] for item in navigation.tabs(request)[0]["items"]]
    assert titles == ["Synthesis tasks", "Ratio tasks", "Mixtures", "Prompt templates", "Runs"]


def test_a_tab_leaves_its_neighbours_in_the_sidebar_dark(admin_client: Client) -> None:
    html = admin_client.get(TEMPLATES).content.decode()
    sidebar, _nav, tabs = html.partition('id="tabs-items"')
    assert sidebar.count("text-primary-600 dark:bg-white/[.06] dark:text-primary-500 active") == 1
    assert f'href="{TEMPLATES}"' in tabs
