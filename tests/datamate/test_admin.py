from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.db.models import Model
from django.test import Client
from django.urls import NoReverseMatch, reverse, reverse_lazy
from rest_framework.authtoken.models import Token, TokenProxy
from unfold.admin import ModelAdmin

from datamate.admin_site import DatamateAdminSite
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("model", list(apps.get_app_config("django_q").get_models()))
def test_closes_the_pages_of_the_queue(model: type[Model]) -> None:
    assert not admin.site.is_registered(model)
    with pytest.raises(NoReverseMatch):
        reverse(f"admin:django_q_{model._meta.model_name}_changelist")


def test_a_schedule_cannot_be_added(admin_client: Client) -> None:
    assert admin_client.get("/admin/django_q/schedule/add/").status_code == 404


def test_is_served_by_the_site_of_this_project() -> None:
    assert isinstance(admin.site._wrapped, DatamateAdminSite)


@pytest.mark.any_database
class TestLists:
    SOURCES = reverse_lazy("admin:synthesis_source_changelist")

    def test_an_empty_one_says_what_it_is_for(self, admin_client: Client) -> None:
        page = admin_client.get(self.SOURCES).text
        assert "Nothing here yet" in page
        assert "A source is your own material: rows of a table, or documents cut" in page
        assert "Reset filters" not in page

    def test_one_without_results_says_that_something_was_searched(
        self, admin_client: Client
    ) -> None:
        page = admin_client.get(self.SOURCES, {"q": "tea"}).text
        assert "Nothing fits the search and the filters." in page
        assert "0 results" in page

    def test_counts_results_only_where_something_was_searched(self, admin_client: Client) -> None:
        factories.source(name="tea")
        assert "1 result" not in admin_client.get(self.SOURCES).text
        assert "1 result" in admin_client.get(self.SOURCES, {"q": "tea"}).text

    def test_is_called_by_what_it_lists_in_chinese(self, admin_client: Client) -> None:
        page = admin_client.get(self.SOURCES, headers={"Accept-Language": "zh-hans"}).text
        assert "来源 | DataMate" in page
        assert "选择" not in page.partition("</title>")[0]


@pytest.mark.any_database
def test_leaves_the_names_that_people_gave_as_they_are(admin_client: Client) -> None:
    source = factories.source(name="my_rows")
    page = admin_client.get(reverse("admin:synthesis_source_change", args=[source.pk])).text
    assert "my_rows" in page
    assert "My_rows" not in page


@pytest.mark.parametrize("model", [User, Group, TokenProxy])
def test_users_groups_and_tokens_look_like_the_rest(
    admin_client: Client, model: type[Model]
) -> None:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    assert isinstance(admin.site._registry[model], ModelAdmin)
    assert admin_client.get(reverse(f"{name}_changelist")).status_code == 200
    assert admin_client.get(reverse(f"{name}_add")).status_code == 200


def test_a_new_token_is_shown_once(admin_client: Client, admin_user: User) -> None:
    add = reverse("admin:authtoken_tokenproxy_add")
    response = admin_client.post(add, {"user": admin_user.pk}, follow=True)
    key = Token.objects.get(user=admin_user).key
    assert response.content.decode().count(key) == 1
    again = admin_client.get(reverse("admin:authtoken_tokenproxy_changelist")).content.decode()
    assert key not in again
    assert f"…{key[-4:]}" in again


def test_a_token_never_stands_in_a_page_or_the_history(
    admin_client: Client, admin_user: User
) -> None:
    token = Token.objects.create(user=admin_user)
    delete = reverse("admin:authtoken_tokenproxy_delete", args=[admin_user.pk])
    assert token.key not in admin_client.get(delete).content.decode()
    admin_client.post(delete, {"post": "yes"})
    assert not Token.objects.exists()
    assert all(token.key not in entry.object_repr for entry in LogEntry.objects.all())


def test_the_login_leads_to_the_dashboard(client: Client, admin_user: User) -> None:
    admin_user.set_password("a long password")
    admin_user.save()
    given = {"username": admin_user.username, "password": "a long password"}
    response = client.post(reverse("admin:login"), given)
    assert response.headers["Location"] == reverse("admin:index")
