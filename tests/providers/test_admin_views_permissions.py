"""Who may look at providers and models, and who may spend money on them."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from providers.models import LanguageModel
from tests import factories
from tests.providers.test_admin_providers import viewer
from tests.stub_vendor import StubVendor

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

# The model, the view, its method, and the permission that it needs.
VIEWS = [
    ("provider", "change", "get", "view_provider"),
    ("provider", "history", "get", "view_provider"),
    ("provider", "delete", "get", "delete_provider"),
    ("provider", "connection", "get", "change_provider"),
    ("provider", "connection", "post", "change_provider"),
    ("provider", "add_model", "post", "add_languagemodel"),
    ("languagemodel", "change", "get", "view_languagemodel"),
    ("languagemodel", "history", "get", "view_languagemodel"),
    ("languagemodel", "delete", "get", "delete_languagemodel"),
    ("languagemodel", "connection", "get", "change_languagemodel"),
    ("languagemodel", "connection", "post", "change_languagemodel"),
]
PAGES = [
    ("provider_changelist", "view_provider"),
    ("provider_add", "add_provider"),
    ("languagemodel_changelist", "view_languagemodel"),
    ("languagemodel_add", "add_languagemodel"),
    ("languagemodel_export", "view_languagemodel"),
]
LIST = reverse("admin:providers_languagemodel_changelist")


def url_of(kind: str, name: str, model: LanguageModel) -> str:
    row = model if kind == "languagemodel" else model.provider
    return reverse(f"admin:providers_{kind}_{name}", args=[row.pk])


def everything_but(codename: str) -> Client:
    client = viewer()
    permissions = Permission.objects.filter(content_type__app_label="providers")
    User.objects.get(username="viewer").user_permissions.set(permissions.exclude(codename=codename))
    return client


@pytest.mark.parametrize(("kind", "name", "method", "codename"), VIEWS)
def test_sends_whoever_is_not_staff_to_the_login(
    client: Client, kind: str, name: str, method: str, codename: str
) -> None:
    url = url_of(kind, name, factories.language_model())
    customer = Client()
    customer.force_login(User.objects.create_user("customer"))
    for stranger in (client, customer):
        response = getattr(stranger, method)(url)
        assert response.status_code == 302
        assert response.headers["Location"] == f"{reverse('admin:login')}?next={url}"


@pytest.mark.parametrize(("kind", "name", "method", "codename"), VIEWS)
def test_asks_for_the_permission_of_the_view(
    stub_vendor: StubVendor, kind: str, name: str, method: str, codename: str
) -> None:
    url = url_of(kind, name, factories.language_model(stub_vendor.openai_url))
    refused = everything_but(codename)
    # Whoever may change may look, as everywhere in Django.
    others = {codename, codename.replace("view_", "change_")}
    user = User.objects.get(username="viewer")
    user.user_permissions.remove(*Permission.objects.filter(codename__in=others))
    assert getattr(refused, method)(url, {"name": "x"}).status_code == 403
    assert stub_vendor.stats.requests == 0
    user.user_permissions.set(Permission.objects.filter(codename=codename))
    assert getattr(refused, method)(url, {"name": "x"}).status_code in (200, 302)


@pytest.mark.parametrize(("name", "codename"), PAGES)
def test_opens_lists_and_forms_with_one_permission(name: str, codename: str) -> None:
    factories.language_model()
    client, url = viewer(), reverse(f"admin:providers_{name}")
    assert client.get(url).status_code == 403
    user = User.objects.get(username="viewer")
    user.user_permissions.set(Permission.objects.filter(codename=codename))
    assert client.get(url).status_code == 200


@pytest.mark.parametrize(
    ("codenames", "offered"), [(("change_provider",), False), (("change_provider", "add"), True)]
)
def test_offers_the_models_it_heard_of_to_those_who_may_add_one(
    stub_vendor: StubVendor, codenames: tuple[str, ...], offered: bool
) -> None:
    provider = factories.provider(stub_vendor.openai_url)
    client = viewer(*(name.replace("add", "add_languagemodel") for name in codenames))
    url = reverse("admin:providers_provider_connection", args=[provider.pk])
    html = client.post(url).content.decode()
    assert "The connection works." in html
    add = reverse("admin:providers_provider_add_model", args=[provider.pk])
    assert (f'action="{add}"' in html) is offered


def test_a_viewer_sees_no_button_that_would_refuse() -> None:
    model = factories.language_model()
    client = viewer("view_provider", "view_languagemodel")
    for kind in ("provider", "languagemodel"):
        connection = url_of(kind, "connection", model)
        assert connection not in client.get(url_of(kind, "change", model)).content.decode()


@pytest.mark.parametrize("action", ["make_default", "delete_selected"])
def test_a_viewer_is_offered_no_action_and_cannot_forge_one(action: str) -> None:
    model = factories.language_model()
    client = viewer("view_languagemodel")
    assert f'value="{action}"' not in client.get(LIST).content.decode()
    client.post(LIST, {"action": action, "_selected_action": [model.pk], "post": "yes"})
    assert not LanguageModel.objects.get().is_default


def test_a_viewer_cannot_forge_the_adding_of_the_catalogue() -> None:
    provider = factories.provider("", vendor="openai")
    url = reverse("admin:providers_provider_changelist")
    given = {"action": "add_catalogue_models", "_selected_action": [provider.pk]}
    viewer("view_provider").post(url, given)
    assert provider.models.count() == 0


def test_a_viewer_cannot_save_a_provider() -> None:
    provider = factories.provider(name="Mine")
    url = reverse("admin:providers_provider_change", args=[provider.pk])
    response = viewer("view_provider").post(url, {"name": "Yours", "api_key": "sk-stolen"})
    provider.refresh_from_db()
    assert (response.status_code, provider.name) == (403, "Mine")
    assert provider.account().api_key == "sk-test-0123456789"


@pytest.mark.parametrize("kind", ["provider", "languagemodel"])
@pytest.mark.parametrize("pk", ["999", "x"])
def test_a_test_of_what_is_gone_is_not_found(admin_client: Client, kind: str, pk: str) -> None:
    if pk == "x":
        url = reverse(f"admin:providers_{kind}_changelist") + "x/connection/"
    else:
        url = reverse(f"admin:providers_{kind}_connection", args=[pk])
    assert admin_client.post(url).status_code == 404


def test_a_model_is_not_added_to_a_provider_that_is_gone(admin_client: Client) -> None:
    url = reverse("admin:providers_provider_add_model", args=[999])
    assert admin_client.post(url, {"name": "x"}).status_code == 404
    assert not LanguageModel.objects.exists()


def test_the_history_tells_which_fields_were_changed(admin_client: Client) -> None:
    model = factories.language_model()
    url = url_of("languagemodel", "change", model)
    given: dict[str, Any] = {
        "provider": model.provider_id,
        "name": model.name,
        "label": "New label",
        "context_tokens": model.context_tokens,
        "currency": model.currency,
        "capabilities": model.capabilities,
        "default_parameters": "{}",
        "is_enabled": "on",
    }
    assert admin_client.post(url, given).status_code == 302
    entry = LogEntry.objects.get()
    assert entry.get_change_message() == "Changed Label."
    assert "New label" not in entry.change_message


@pytest.mark.parametrize("codename", ["view_languagemodel", "add_languagemodel"])
def test_a_file_is_imported_only_by_those_who_may_add_and_change(codename: str) -> None:
    client = viewer("view_languagemodel", codename)
    user = User.objects.get(username="viewer")
    for name in ("import", "process_import"):
        assert client.post(reverse(f"admin:providers_languagemodel_{name}")).status_code == 403
    both = Permission.objects.filter(codename__in=["add_languagemodel", "change_languagemodel"])
    user.user_permissions.set(both)
    assert client.get(reverse("admin:providers_languagemodel_import")).status_code == 200


def test_a_viewer_is_offered_the_export_and_not_the_import() -> None:
    html = viewer("view_languagemodel").get(LIST).content.decode()
    assert reverse("admin:providers_languagemodel_export") in html
    assert reverse("admin:providers_languagemodel_import") not in html
