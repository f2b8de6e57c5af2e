from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
import tablib
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from providers.admin.exchange import IndentedJSON, LanguageModelResource
from providers.models import LanguageModel
from tests import factories
from tests.stub_vendor import StubVendor

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

LIST = reverse("admin:providers_languagemodel_changelist")
ADD = reverse("admin:providers_languagemodel_add")


def page(model: LanguageModel, name: str = "change") -> str:
    return reverse(f"admin:providers_languagemodel_{name}", args=[model.pk])


def form(model: LanguageModel, **fields: Any) -> dict[str, Any]:
    return {
        "provider": model.provider_id,
        "name": model.name,
        "label": "",
        "is_enabled": "on",
        "context_tokens": 32768,
        "currency": "USD",
        "capabilities": ["seed"],
        "default_parameters": "{}",
        **fields,
    }


def exported(*models: LanguageModel) -> str:
    rows = LanguageModel.objects.filter(pk__in=[model.pk for model in models])
    return IndentedJSON().export_data(LanguageModelResource().export(rows))


def imported(text: str) -> Any:
    dataset = IndentedJSON().create_dataset(text)
    return LanguageModelResource().import_data(dataset, dry_run=False)


def sentences(result: Any) -> list[str]:
    return [text for row in result.invalid_rows for text in row.error.messages]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_pages_render(admin_client: Client, language: str) -> None:
    model = factories.language_model(input_price="0.27", output_price="1.1")
    names = ("import", "export")
    others = [reverse(f"admin:providers_languagemodel_{name}") for name in names]
    for url in (LIST, ADD, page(model), page(model, "connection"), *others):
        response = admin_client.get(url, headers={"accept-language": language})
        assert response.status_code == 200


def test_list_shows_prices_and_capabilities_in_words(admin_client: Client) -> None:
    factories.language_model(input_price="0.270000", output_price="1.100000", currency="CNY")
    html = admin_client.get(LIST).content.decode()
    assert "0.27 / 1.1 CNY" in html
    assert "seed, temperature" in html


def test_a_price_that_is_not_known_is_no_zero(admin_client: Client) -> None:
    factories.language_model(input_price="2")
    assert "2 / ? USD" in admin_client.get(LIST).content.decode()


def test_list_costs_the_same_for_many_rows(
    admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _number in range(12):
        factories.language_model()
    with django_assert_max_num_queries(9):
        admin_client.get(LIST)


def test_capabilities_are_chosen_by_ticking(admin_client: Client) -> None:
    model = factories.language_model()
    admin_client.post(page(model), form(model, capabilities=["json_schema", "seed"]))
    model.refresh_from_db()
    assert model.capabilities == ["json_schema", "seed"]


def test_the_default_model_cannot_be_disabled(admin_client: Client) -> None:
    model = factories.language_model(is_default=True)
    given = form(model, is_default="on")
    del given["is_enabled"]
    response = admin_client.post(page(model), given)
    found = response.context["adminform"].form.errors
    assert found == {"is_enabled": ["The default model must be enabled."]}


def test_makes_another_model_the_default(admin_client: Client) -> None:
    first = factories.language_model(is_default=True)
    second = factories.language_model(name="second")
    given = {"action": "make_default", "_selected_action": [second.pk]}
    response = admin_client.post(LIST, given, follow=True)
    assert f"New tasks now use {second}." in response.content.decode()
    first.refresh_from_db()
    assert not first.is_default
    assert LanguageModel.objects.default() == second


def test_only_one_enabled_model_can_be_the_default(admin_client: Client) -> None:
    models = [factories.language_model(is_enabled=False), factories.language_model()]
    for chosen in (models, models[:1]):
        given = {"action": "make_default", "_selected_action": [model.pk for model in chosen]}
        response = admin_client.post(LIST, given, follow=True)
        assert "Choose one model that is enabled." in response.content.decode()
    assert not LanguageModel.objects.filter(is_default=True).exists()


def test_a_model_of_a_disabled_provider_cannot_be_the_default(admin_client: Client) -> None:
    model = factories.language_model(provider=factories.provider(is_enabled=False))
    given = {"action": "make_default", "_selected_action": [model.pk]}
    response = admin_client.post(LIST, given, follow=True)
    assert "Choose one model that is enabled." in response.content.decode()
    assert not LanguageModel.objects.filter(is_default=True).exists()


def test_says_that_the_vendor_has_no_such_model(admin_client: Client) -> None:
    with StubVendor(only_listed_models=True, models=("listed-a", "listed-b")) as vendor:
        model = factories.language_model(vendor.openai_url, name="unlisted")
        html = admin_client.post(page(model, "connection")).content.decode()
    assert "The vendor answers, but it has no such model." in html
    assert 'name="name" value="listed-b"' in html


def test_says_that_the_model_works(admin_client: Client, stub_vendor: StubVendor) -> None:
    model = factories.language_model(stub_vendor.openai_url)
    html = admin_client.post(page(model, "connection")).content.decode()
    assert "The connection works." in html
    assert "Answered in 0." in html


def test_a_viewer_may_not_spend_money() -> None:
    user = User.objects.create_user("viewer", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_languagemodel"))
    client = Client()
    client.force_login(user)
    assert client.post(page(factories.language_model(), "connection")).status_code == 403


# Exchange


def test_the_file_holds_neither_key_nor_address() -> None:
    [row] = json.loads(exported(factories.language_model()))
    assert set(row) == set(LanguageModelResource._meta.fields)
    assert not {"sealed_key", "base_url"} & set(row)


def test_a_file_comes_back_as_it_was() -> None:
    model = factories.language_model(
        label="聊天",
        input_price="0.27",
        default_parameters={"temperature": 0.5},
        max_output_tokens=100,
    )
    text = exported(model)
    model.delete()
    assert imported(text).totals["new"] == 1
    again = LanguageModel.objects.get(name="stub-model")
    assert exported(again) == text
    assert (again.input_price, again.capabilities) == (Decimal("0.27"), ["seed", "temperature"])
    assert imported(text).totals["skip"] == 1


def test_a_table_comes_back_too() -> None:
    model = factories.language_model(default_parameters={"stop": ["=1", "。"]})
    text = LanguageModelResource().export(LanguageModel.objects.all()).export("csv")
    model.default_parameters = {}
    model.save()
    LanguageModelResource().import_data(tablib.import_set(text, format="csv"), dry_run=False)
    model.refresh_from_db()
    assert model.default_parameters == {"stop": ["=1", "。"]}
    assert model.capabilities == ["seed", "temperature"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"provider": "Nobody"}, "There is no provider “Nobody” here. Create it first."),
        ({"capabilities": "[broken"}, "“[broken” is not JSON."),
        ({"capabilities": {"seed": 1}}, "“{'seed': 1}” has the wrong shape."),
        ({"currency": "EUR"}, "Value 'EUR' is not a valid choice."),
        ({"context_tokens": "abc"}, "Enter a whole number."),
        ({"context_tokens": "1 000"}, "Enter a whole number."),
        ({"context_tokens": 1.5}, "Enter a whole number."),
        ({"context_tokens": {}}, "Enter a whole number."),
        ({"context_tokens": -1}, "Ensure this value is greater than or equal to 1."),
        ({"max_output_tokens": True}, "Enter a whole number."),
        ({"max_output_tokens": 0}, "Ensure this value is greater than or equal to 1."),
        ({"input_price": "abc"}, "Enter a number."),
        ({"input_price": "NaN"}, "Enter a number."),
        ({"input_price": [1]}, "Enter a number."),
        ({"input_price": "1e400"}, "Ensure that there are no more than 12 digits in total."),
        ({"output_price": -1}, "Ensure this value is greater than or equal to 0."),
        ({"is_enabled": "yes"}, "“yes” is neither true nor false."),
        ({"is_enabled": {}}, "“{}” is neither true nor false."),
        ({"name": ""}, "This field cannot be blank."),
        ({"name": "x" * 201}, "Ensure this value has at most 200 characters (it has 201)."),
        (
            {"capabilities": ["flying"]},
            "Not known: flying. Choose out of: "
            "json_schema, json_object, seed, temperature, top_p, batch_api.",
        ),
        ({"default_parameters": {"n": 2}}, "n cannot be set as a parameter."),
        ({"default_parameters": {"temperature": 9}}, "temperature must be a number from 0 to 2."),
    ],
)
def test_a_bad_row_is_refused_in_words(change: dict[str, Any], sentence: str) -> None:
    [row] = json.loads(exported(factories.language_model()))
    result = imported(json.dumps([{**row, "name": "another", **change}]))
    assert sentences(result) == [sentence]
    assert not LanguageModel.objects.filter(name="another").exists()


@pytest.mark.parametrize(
    ("name", "given", "stored"),
    [
        ("context_tokens", None, 32_768),
        ("context_tokens", "4096", 4096),
        ("max_output_tokens", "", None),
        ("input_price", None, None),
        ("input_price", 0.1, Decimal("0.1")),
        ("output_price", "0", Decimal(0)),
        ("is_enabled", None, True),
        ("is_enabled", "False", False),
        ("is_enabled", 0, False),
        ("is_enabled", "1", True),
        ("currency", None, "USD"),
        ("label", None, ""),
        ("capabilities", "", []),
        ("default_parameters", None, {}),
    ],
)
def test_a_value_is_read_however_a_file_writes_it(name: str, given: Any, stored: Any) -> None:
    provider = factories.provider()
    result = imported(json.dumps([{"provider": provider.name, "name": "new", name: given}]))
    assert not result.has_errors()
    assert getattr(provider.models.get(), name) == stored


@pytest.mark.parametrize("name", ["is_default", "id", "sealed_key", "created_at"])
def test_what_a_file_may_not_set_is_passed_over(name: str) -> None:
    model = factories.language_model()
    before = LanguageModel.objects.values().get()
    row = {"provider": model.provider.name, "name": model.name, name: 1}
    assert imported(json.dumps([row])).totals["skip"] == 1
    assert LanguageModel.objects.values().get() == before


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("no json", "The file is not JSON: Expecting value: line 1 column 1 (char 0)"),
        ("{}", "The file must hold a JSON list of objects."),
        ("[1]", "The file must hold a JSON list of objects."),
        ("null", "The file must hold a JSON list of objects."),
        ("[]", "The file holds no rows."),
        ("[{}, {}]", "The file holds no rows."),
    ],
)
def test_a_file_that_is_no_list_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match="The file") as error:
        IndentedJSON().create_dataset(text)
    assert str(error.value) == sentence


def test_imports_through_the_pages(admin_client: Client) -> None:
    model = factories.language_model()
    text = exported(model).replace('"stub-model"', '"imported-model"')
    upload = SimpleUploadedFile("models.json", text.encode(), "application/json")
    given = {"import_file": upload, "format": "0", "resource": ""}
    url = reverse("admin:providers_languagemodel_import")
    preview = admin_client.post(url, given)
    confirm = {**preview.context["confirm_form"].initial, "resource": ""}
    admin_client.post(reverse("admin:providers_languagemodel_process_import"), confirm)
    assert LanguageModel.objects.filter(name="imported-model").exists()
