from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from providers.catalogue import VENDORS
from providers.models import ADDRESS_NEEDS_KEY, LanguageModel, Provider
from tests import factories
from tests.stub_vendor import StubVendor

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

KEY = "sk-canary-7f3a9b2c1d"
LIST = reverse("admin:providers_provider_changelist")
ADD = reverse("admin:providers_provider_add")


def page(provider: Provider, name: str = "change") -> str:
    return reverse(f"admin:providers_provider_{name}", args=[provider.pk])


def form(**fields: Any) -> dict[str, Any]:
    return {
        "vendor": "compatible",
        "name": "Team",
        "base_url": "http://127.0.0.1:9/v1",
        "timeout_seconds": 60,
        "extra_headers": "{}",
        "extra_body": "{}",
        "is_enabled": "on",
        "models-TOTAL_FORMS": 0,
        "models-INITIAL_FORMS": 0,
        **fields,
    }


def sealed(name: str = "Team", **fields: Any) -> Provider:
    row = Provider(
        **{"name": name, "vendor": "compatible", "base_url": "http://127.0.0.1:9/v1", **fields}
    )
    row.set_key(KEY)
    row.save()
    return row


def errors(response: Any) -> dict[str, list[str]]:
    return dict(response.context["adminform"].form.errors)


def viewer(*codenames: str) -> Client:
    user = User.objects.create_user("viewer", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_pages_render(admin_client: Client, language: str) -> None:
    provider = sealed()
    for url in (LIST, ADD, page(provider), page(provider, "connection")):
        response = admin_client.get(url, headers={"accept-language": language})
        assert response.status_code == 200
        assert f'lang="{language}"' in response.content.decode()


def test_list_costs_the_same_for_many_rows(
    admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12):
        factories.language_model(provider=sealed(f"Team {number}"))
    with django_assert_max_num_queries(8):
        assert admin_client.get(LIST).content.decode().count("…2c1d") == 12


# Filling in


def test_a_chosen_vendor_fills_in_its_address_and_name(admin_client: Client) -> None:
    initial = admin_client.get(f"{ADD}?vendor=ollama").context["adminform"].form.initial
    assert initial["base_url"] == "http://127.0.0.1:11434/v1"
    assert initial["name"] == "Ollama"


def test_the_page_knows_every_vendors_address(admin_client: Client) -> None:
    known = admin_client.get(ADD).context["vendor_catalogue"]
    assert {code: entry["address"] for code, entry in known.items()} == {
        code: vendor.base_url for code, vendor in VENDORS.items()
    }


def test_adding_takes_the_vendors_current_models(admin_client: Client) -> None:
    admin_client.post(ADD, form(vendor="openai", base_url="", add_models="on"))
    names = set(LanguageModel.objects.values_list("name", flat=True))
    assert names == {model.name for model in VENDORS["openai"].models}
    assert names


def test_adding_without_models_leaves_it_empty(admin_client: Client) -> None:
    admin_client.post(ADD, form(vendor="openai", base_url=""))
    assert Provider.objects.get(name="Team").models.count() == 0


def test_emptied_json_is_an_empty_object(admin_client: Client) -> None:
    admin_client.post(ADD, form(extra_headers="", extra_body=""))
    provider = Provider.objects.get(name="Team")
    assert (provider.extra_headers, provider.extra_body) == ({}, {})


def test_json_is_shown_indented_with_chinese_as_it_is(admin_client: Client) -> None:
    provider = sealed(extra_body={"user": "数据组"})
    html = admin_client.get(page(provider)).content.decode()
    assert "{\n  &quot;user&quot;: &quot;数据组&quot;\n}" in html


def test_a_model_entered_in_the_page_can_do_what_its_vendors_usually_can(
    admin_client: Client,
) -> None:
    provider = sealed()
    row = {
        "models-TOTAL_FORMS": 1,
        "models-0-provider": provider.pk,
        "models-0-name": "new-model",
        "models-0-context_tokens": 4096,
        "models-0-currency": "USD",
        "models-0-is_enabled": "on",
    }
    admin_client.post(page(provider), form(**row))
    assert provider.models.get().capabilities == list(VENDORS["compatible"].capabilities)


# The key


def test_seals_the_key_that_is_entered(admin_client: Client) -> None:
    admin_client.post(ADD, form(api_key=KEY))
    provider = Provider.objects.get(name="Team")
    assert provider.account().api_key == KEY
    assert KEY not in provider.sealed_key


def test_shows_the_last_four_characters_of_the_key_only(admin_client: Client) -> None:
    html = admin_client.get(page(sealed())).content.decode()
    assert "Stored: …2c1d. Leave this empty to keep it." in html
    assert 'autocomplete="new-password"' in html
    assert KEY not in html


def test_an_empty_key_keeps_the_stored_one(admin_client: Client) -> None:
    provider = sealed()
    admin_client.post(page(provider), form(api_key="", timeout_seconds=61))
    provider.refresh_from_db()
    assert (provider.timeout_seconds, provider.account().api_key) == (61, KEY)


def test_removes_the_key_when_asked(admin_client: Client) -> None:
    provider = sealed()
    admin_client.post(page(provider), form(forget_key="on"))
    provider.refresh_from_db()
    assert (provider.sealed_key, provider.key_hint) == ("", "")


@pytest.mark.parametrize("change", [{"base_url": "http://127.0.0.1:10"}, {"vendor": "vllm"}])
def test_a_new_address_needs_the_key_again(admin_client: Client, change: dict[str, str]) -> None:
    provider = sealed()
    response = admin_client.post(page(provider), form(**change))
    assert errors(response) == {"base_url": [ADDRESS_NEEDS_KEY]}
    provider.refresh_from_db()
    assert provider.base_url == "http://127.0.0.1:9/v1"


def test_a_new_address_with_the_key_is_taken(admin_client: Client) -> None:
    provider = sealed()
    admin_client.post(page(provider), form(base_url="http://127.0.0.1:10/v1", api_key="sk-other"))
    provider.refresh_from_db()
    assert (provider.base_url, provider.account().api_key) == ("http://127.0.0.1:10/v1", "sk-other")


def test_refuses_a_key_in_chinese_quotes(admin_client: Client) -> None:
    (sentence,) = errors(admin_client.post(ADD, form(api_key="“sk-secret-0123456789”")))["api_key"]
    assert sentence.startswith("The API key has characters that cannot be sent in a header")
    assert not Provider.objects.filter(name="Team").exists()


def test_refuses_a_reference_to_any_variable(admin_client: Client) -> None:
    response = admin_client.post(ADD, form(api_key="env:DATAMATE_SECRET_KEY"))
    sentence = "Only environment variables that end in _API_KEY may hold a key."
    assert errors(response) == {"api_key": [sentence]}


def test_a_refused_form_does_not_give_the_key_back(admin_client: Client) -> None:
    response = admin_client.post(ADD, form(api_key=KEY, name=""))
    assert errors(response) == {"name": ["This field is required."]}
    assert KEY not in response.content.decode()


def test_the_key_is_in_no_page_history_or_log(
    admin_client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    admin_client.post(ADD, form(api_key=KEY))
    provider = Provider.objects.get(name="Team")
    admin_client.post(page(provider), form(api_key=KEY, timeout_seconds=59))
    for url in (LIST, page(provider), page(provider, "history"), page(provider, "delete")):
        assert KEY not in admin_client.get(url).content.decode()
    assert all(KEY not in entry.change_message for entry in LogEntry.objects.all())
    assert KEY not in caplog.text


# The connection


def test_a_test_is_made_by_post_only(admin_client: Client, stub_vendor: StubVendor) -> None:
    provider = sealed(base_url=stub_vendor.openai_url)
    response = admin_client.get(page(provider, "connection"))
    assert response.context["report"] is None
    assert stub_vendor.stats.requests == 0


def test_says_that_the_connection_works_and_lists_the_models(
    admin_client: Client, stub_vendor: StubVendor
) -> None:
    provider = sealed(base_url=stub_vendor.openai_url)
    html = admin_client.post(page(provider, "connection")).content.decode()
    assert "The connection works." in html
    assert 'name="name" value="stub-model"' in html


def test_says_why_the_connection_fails(admin_client: Client) -> None:
    html = admin_client.post(page(sealed(), "connection")).content.decode()
    assert "The connection fails." in html
    assert "The address cannot be reached." in html
    assert KEY not in html


def test_the_vendors_words_stay_text(admin_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from providers import connection

    hostile = connection.ConnectionReport(
        outcome="fails", models=["<img src=x>"], error_code="unavailable", detail="<script>x"
    )
    monkeypatch.setattr(connection, "check_provider", lambda _provider: hostile)
    html = admin_client.post(page(sealed(), "connection")).content.decode()
    assert "<script>x" not in html
    assert "<img src=x>" not in html


def test_adds_a_model_of_the_list_by_one_click(admin_client: Client) -> None:
    provider = sealed()
    response = admin_client.post(page(provider, "add_model"), {"name": "stub-model"}, follow=True)
    assert provider.models.get().name == "stub-model"
    assert "Team / stub-model was added." in response.content.decode()


def test_adding_a_model_twice_keeps_one(admin_client: Client) -> None:
    provider = sealed()
    for _time in range(2):
        admin_client.post(page(provider, "add_model"), {"name": "stub-model"})
    assert provider.models.count() == 1


def test_a_model_without_a_name_is_refused(admin_client: Client) -> None:
    provider = sealed()
    response = admin_client.post(page(provider, "add_model"), {"name": " "}, follow=True)
    assert "This field cannot be blank." in response.content.decode()
    assert provider.models.count() == 0


def test_adding_a_model_is_a_post(admin_client: Client) -> None:
    assert admin_client.get(page(sealed(), "add_model")).status_code == 405


def test_adding_a_model_needs_the_token_of_the_form(admin_user: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)
    assert client.post(page(sealed(), "add_model"), {"name": "x"}).status_code == 403


def test_adds_the_catalogues_models_to_chosen_providers(admin_client: Client) -> None:
    provider = sealed(vendor="openai", base_url="")
    given = {"action": "add_catalogue_models", "_selected_action": [provider.pk]}
    response = admin_client.post(LIST, given, follow=True)
    count = len(VENDORS["openai"].models)
    assert f"{count} models were added." in response.content.decode()


def test_says_how_to_choose_models_where_the_catalogue_has_none(admin_client: Client) -> None:
    given = {"action": "add_catalogue_models", "_selected_action": [sealed().pk]}
    response = admin_client.post(LIST, given, follow=True)
    assert "No model was added. Test the connection to choose from those" in response.text


# Permissions


def test_a_viewer_may_look_but_not_test_or_add() -> None:
    client, provider = viewer("view_provider"), sealed()
    assert client.get(page(provider)).status_code == 200
    assert client.post(page(provider, "connection")).status_code == 403
    assert client.post(page(provider, "add_model"), {"name": "x"}).status_code == 403


def test_a_viewers_page_holds_no_key_field() -> None:
    client, provider = viewer("view_provider"), sealed()
    html = client.get(page(provider)).content.decode()
    assert KEY not in html
    assert 'name="api_key"' not in html


@pytest.mark.parametrize("name", ["connection", "add_model"])
def test_a_stranger_is_sent_to_the_login(client: Client, name: str) -> None:
    response = client.post(page(sealed(), name))
    assert response.status_code == 302
    assert "/login/" in response.headers["Location"]
