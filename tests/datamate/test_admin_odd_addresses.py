"""Lists of the admin under addresses that no link leads to, and forms that are posted oddly."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from django.urls import reverse

from synthesis.admin.task_variables import posted
from synthesis.models import PromptTemplate
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

LISTS = {
    f"{model._meta.app_label}_{model._meta.model_name}": page
    for model, page in admin.site._registry.items()
}
ODD_QUERIES = {
    "order": {"o": "99.-x.1"},
    "far page": {"p": "9" * 30},
    "search": {"q": "a\x00%_'\""},
    "lookup into a secret": {"user__password__startswith": "a"},
}
REFUSED = {
    "NUL": r'{"a": "\u0000"}',
    "not a number": '{"type": NaN}',
    "half a pair": r'{"a": "\ud800"}',
    "too deep": "[" * 100_000,
}


def address(name: str) -> str:
    return reverse(f"admin:{name}_changelist")


@pytest.mark.parametrize("query", ODD_QUERIES.values(), ids=ODD_QUERIES)
@pytest.mark.parametrize("name", LISTS)
def test_an_odd_query_of_a_list_is_a_page_or_leads_to_one(
    admin_client: Client, name: str, query: dict[str, str]
) -> None:
    response = admin_client.get(address(name), query)
    assert response.status_code in {200, 302, 400}
    if response.status_code == 302:
        assert response.headers["Location"].startswith(address(name))


def filters_of(name: str, user: User) -> list[str]:
    request = RequestFactory().get(address(name))
    request.user = user
    changelist = LISTS[name].get_changelist_instance(request)
    return [
        parameter for spec in changelist.filter_specs for parameter in spec.expected_parameters()
    ]


@pytest.mark.parametrize("name", LISTS)
def test_an_odd_value_of_any_filter_is_a_page_or_leads_to_one(
    admin_client: Client, admin_user: User, name: str
) -> None:
    for parameter in filters_of(name, admin_user):
        response = admin_client.get(address(name), {parameter: "x"})
        assert response.status_code in {200, 302, 400}, parameter


@pytest.mark.parametrize("action", ["", "nothing", "__class__"])
@pytest.mark.parametrize("chosen", ["", "x", "9" * 30])
def test_an_action_on_nothing_does_nothing(admin_client: Client, action: str, chosen: str) -> None:
    before = PromptTemplate.objects.count()
    given = {"action": action, "_selected_action": [chosen], "post": "yes"}
    response = admin_client.post(address("synthesis_prompttemplate"), given)
    assert response.status_code in {200, 302}
    assert PromptTemplate.objects.count() == before


# JSON in the forms of templates


@pytest.mark.parametrize("field", ["output_schema", "examples", "variables"])
@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_a_template_is_not_stored_with_what_no_database_stores(
    admin_client: Client, field: str, text: str
) -> None:
    template = factories.template()
    url = reverse("admin:synthesis_prompttemplate_change", args=[template.pk])
    given = {
        "name": "Changed",
        "type": template.type,
        "prompt": "Write {count}.",
        "variables": "[]",
        "output_schema": "{}",
        "examples": "[]",
        field: text,
    }
    response = admin_client.post(url, given)
    assert field in response.context["adminform"].form.errors
    template.refresh_from_db()
    assert template.name != "Changed"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("green", "green"),
        ('["green", "black"]', ["green", "black"]),
        ("[broken", "[broken"),
        ("[" * 100_000, "[" * 100_000),
        ("", ""),
        (None, None),
        ("9" * 5000, "9" * 5000),
    ],
    ids=["a choice", "a list", "no JSON", "too deep", "nothing", "not sent", "5,000 digits"],
)
def test_what_stands_for_a_choice_is_read_or_left_for_the_rules(text: Any, value: Any) -> None:
    declaration = {"name": "tea", "type": "choice", "choices": ["green", "black"]}
    assert posted(declaration, {"tea": text}, "tea") == value
