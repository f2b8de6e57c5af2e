"""Which pages the sidebar offers to whom, and that it asks the database nothing."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.test import RequestFactory
from django.urls import reverse
from django.utils import translation

from datamate import navigation

pytestmark = pytest.mark.any_database
HOME = reverse("admin:index")
REVIEW = reverse("admin:synthesis_record_review")
ENTRIES = {
    **navigation.SYNTHESIS,
    **navigation.QUALITY,
    **navigation.MODELS,
    **navigation.ADMINISTRATION,
}


def member(*permissions: str) -> SimpleNamespace:
    held = set(permissions)
    return SimpleNamespace(
        is_active=True,
        is_staff=True,
        has_perm=lambda name, _row=None: name in held,
        has_perms=lambda names: held.issuperset(names),
    )


def seeing(label: str) -> str:
    model = apps.get_model(label)
    return f"{model._meta.app_label}.view_{model._meta.model_name}"


def page_of(label: str) -> str:
    meta = apps.get_model(label)._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")


def shown(user: Any, path: str = HOME) -> list[str]:
    request = RequestFactory().get(path)
    request.user = user
    return [item["link"] for section in navigation.sections(request) for item in section["items"]]


@pytest.mark.parametrize("label", ENTRIES)
def test_a_permission_to_see_brings_its_page_and_no_other(label):
    assert shown(member(seeing(label))) == [HOME, page_of(label)]


@pytest.mark.parametrize("label", ENTRIES)
@pytest.mark.parametrize("verb", ["add", "delete"])
def test_other_permissions_bring_no_page(label, verb):
    assert shown(member(seeing(label).replace("view_", f"{verb}_"))) == [HOME]


@pytest.mark.parametrize(
    ("permissions", "is_shown"),
    [
        (["synthesis.view_record", "synthesis.review_record"], True),
        (["synthesis.view_record"], False),
        (["synthesis.review_record"], False),
        ([], False),
    ],
)
def test_the_review_is_for_those_who_may_read_and_judge(permissions, is_shown):
    assert (REVIEW in shown(member(*permissions))) == is_shown


def test_pages_stand_in_the_order_of_the_work():
    links = shown(member(*map(seeing, ENTRIES), "synthesis.review_record"))
    assert links == [
        HOME,
        *map(page_of, navigation.SYNTHESIS),
        REVIEW,
        *map(page_of, navigation.QUALITY),
        *map(page_of, navigation.MODELS),
        *map(page_of, navigation.ADMINISTRATION),
    ]


@pytest.mark.parametrize("label", ENTRIES)
@pytest.mark.parametrize("below", ["", "add/", "7/change/"])
def test_one_page_is_lit_wherever_on_it_the_user_is(label, below):
    request = RequestFactory().get(page_of(label) + below)
    request.user = member(*map(seeing, ENTRIES), "synthesis.review_record")
    items = [item for section in navigation.sections(request) for item in section["items"]]
    assert [item["link"] for item in items if item["active"]] == [page_of(label)]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_and_section_has_a_name_in_the_users_language(language):
    request = RequestFactory().get(HOME)
    request.user = member(*map(seeing, ENTRIES), "synthesis.review_record")
    with translation.override(language):
        sections = navigation.sections(request)
        titles = [str(item["title"]) for section in sections for item in section["items"]]
        headings = [section["title"] for section in sections if "title" in section]
    assert len(set(titles)) == len(titles)
    words = [*titles, *headings]
    is_chinese = [any("\u4e00" <= letter <= "\u9fff" for letter in word) for word in words]
    assert all(is_chinese) if language == "zh-hans" else not any(is_chinese)


@pytest.mark.parametrize("label", navigation.TABS)
def test_tabs_are_for_those_who_may_see_them(label):
    request = RequestFactory().get(HOME)
    request.user = member(seeing(label))
    [tabs] = navigation.tabs(request)
    assert [item["link"](request) for item in tabs["items"]] == [page_of(label)]
    assert label.lower() in tabs["models"]
