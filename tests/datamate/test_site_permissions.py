"""What the site shows to whom: the dashboard, the sidebar, tokens, users and refusals."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse
from rest_framework.authtoken.models import Token

from datamate import dashboard
from datamate.admin import WITHOUT_PAGES, PermissionsField
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

HOME = reverse("admin:index")
LOGIN = reverse("admin:login")
TOKENS = reverse("admin:authtoken_tokenproxy_changelist")
PAGES = [
    ("synthesis_synthesistask", "view_synthesistask"),
    ("synthesis_prompttemplate", "view_prompttemplate"),
    ("synthesis_run", "view_run"),
    ("synthesis_record", "view_record"),
    ("synthesis_dataset", "view_dataset"),
    ("providers_provider", "view_provider"),
    ("providers_languagemodel", "view_languagemodel"),
    ("quality_rubric", "view_rubric"),
    ("quality_judgement", "view_judgement"),
    ("auth_user", "view_user"),
    ("auth_group", "view_group"),
    ("authtoken_tokenproxy", "view_tokenproxy"),
]


def staff(*codenames: str) -> Client:
    user = User.objects.create_user("member", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(user)
    return client


def test_sends_a_stranger_to_the_login(client: Client) -> None:
    assert client.get(HOME).headers["Location"] == f"{LOGIN}?next={HOME}"


def test_a_customer_is_no_staff(client: Client) -> None:
    client.force_login(User.objects.create_user("customer"))
    assert client.get(HOME).headers["Location"] == f"{LOGIN}?next={HOME}"


def test_opens_for_staff_without_any_permission() -> None:
    response = staff().get(HOME)
    assert response.status_code == 200
    links = [reverse(f"admin:{name}_changelist") for name, _codename in PAGES]
    sidebar = response.content.decode().partition("</nav>")[0]
    assert 'href="/admin/auth/user/"' not in sidebar
    for link in links:
        assert staff_status(link) == 403


def staff_status(link: str) -> int:
    client = Client()
    client.force_login(User.objects.get(username="member"))
    return client.get(link).status_code


@pytest.mark.parametrize(("name", "codename"), PAGES)
def test_one_permission_opens_one_page(name: str, codename: str) -> None:
    client = staff(codename)
    opened = [
        other
        for other, _codename in PAGES
        if client.get(reverse(f"admin:{other}_changelist")).status_code == 200
    ]
    assert opened == [name]


@pytest.mark.parametrize("codename", ["view_tokenproxy", "view_user", "add_user"])
def test_tokens_are_made_by_those_who_may_add_them(codename: str) -> None:
    client = staff(codename)
    user = User.objects.get(username="member")
    response = client.post(reverse("admin:authtoken_tokenproxy_add"), {"user": user.pk})
    assert response.status_code == 403
    assert not Token.objects.exists()


def test_nobody_changes_a_token(admin_client: Client, admin_user: User) -> None:
    token = Token.objects.create(user=admin_user)
    other = User.objects.create_user("other")
    url = reverse("admin:authtoken_tokenproxy_change", args=[admin_user.pk])
    assert admin_client.post(url, {"user": other.pk}).status_code == 403
    assert Token.objects.get().user == admin_user
    assert token.key not in admin_client.get(url).content.decode()


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Copy it now; it is not shown again."),
        ("zh-hans", "请立即复制"),
    ],
)
def test_a_new_token_is_told_in_both_languages(
    admin_client: Client, admin_user: User, language: str, sentence: str
) -> None:
    add = reverse("admin:authtoken_tokenproxy_add")
    headers = {"Accept-Language": language}
    response = admin_client.post(add, {"user": admin_user.pk}, follow=True, headers=headers)
    texts = [str(message) for message in response.context["messages"]]
    key = Token.objects.get().key
    assert [text for text in texts if key in text and sentence in text]
    assert all(key not in entry.change_message for entry in LogEntry.objects.all())


def test_a_second_token_of_a_user_is_refused(admin_client: Client, admin_user: User) -> None:
    key = Token.objects.create(user=admin_user).key
    add = reverse("admin:authtoken_tokenproxy_add")
    response = admin_client.post(add, {"user": admin_user.pk})
    assert "user" in response.context["adminform"].form.errors
    assert [token.key for token in Token.objects.all()] == [key]


@pytest.mark.parametrize("app", WITHOUT_PAGES)
def test_offers_no_permission_of_what_has_no_page(admin_client: Client, app: str) -> None:
    url = reverse("admin:auth_group_add")
    form = admin_client.get(url).context["adminform"].form
    offered = form.fields["permissions"].queryset
    assert isinstance(form.fields["permissions"], PermissionsField)
    assert not offered.filter(content_type__app_label=app).exists()
    assert offered.filter(codename="view_synthesistask").exists()


def test_a_permission_that_is_not_offered_is_refused(admin_client: Client) -> None:
    hidden = Permission.objects.filter(content_type__app_label="sessions").first()
    given = {"name": "Authors", "permissions": [hidden.pk]}
    response = admin_client.post(reverse("admin:auth_group_add"), given)
    assert "permissions" in response.context["adminform"].form.errors
    assert response.context["adminform"].form["name"].value() == "Authors"
    assert not Group.objects.exists()


def test_a_group_opens_its_pages_to_its_members(admin_client: Client) -> None:
    chosen = Permission.objects.get(codename="view_dataset")
    given = {"name": "Readers", "permissions": [chosen.pk]}
    admin_client.post(reverse("admin:auth_group_add"), given)
    client = staff()
    datasets = reverse("admin:synthesis_dataset_changelist")
    assert client.get(datasets).status_code == 403
    User.objects.get(username="member").groups.add(Group.objects.get())
    assert client.get(datasets).status_code == 200


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [("Ada", "Lovelace", "Ada Lovelace"), ("<b>Ada", "", "&lt;b&gt;Ada"), ("敏", "李", "敏 李")],
)
def test_the_list_of_users_writes_full_names(
    admin_client: Client, first: str, last: str, shown: str
) -> None:
    User.objects.create_user("ada", first_name=first, last_name=last)
    assert shown in admin_client.get(reverse("admin:auth_user_changelist")).content.decode()


def test_the_password_of_a_user_is_never_shown(admin_client: Client, admin_user: User) -> None:
    admin_user.set_password("a very long password")
    admin_user.save()
    admin_client.force_login(admin_user)
    url = reverse("admin:auth_user_change", args=[admin_user.pk])
    html = admin_client.get(url).content.decode()
    assert "a very long password" not in html
    assert admin_user.password not in html


# The checklist and the history of downloads


def has_exported() -> bool:
    return bool(dashboard.onboarding()[-1]["is_done"])


@pytest.mark.parametrize("format", ["json", "jsonl", "csv"])
@pytest.mark.parametrize("kind", ["dataset", "synthesistask"])
def test_any_download_ends_the_checklist(admin_client: Client, kind: str, format: str) -> None:
    run = factories.run(status="completed")
    factories.records(1, of_run=run)
    pk = run.dataset_id if kind == "dataset" else run.task_id
    assert not has_exported()
    url = reverse(f"admin:synthesis_{kind}_download", args=[pk, format])
    assert b"".join(admin_client.get(url).streaming_content)
    assert has_exported()


@pytest.mark.parametrize("format", ["xml", "JSON", "exe"])
def test_a_download_that_is_refused_ends_nothing(admin_client: Client, format: str) -> None:
    url = reverse("admin:synthesis_dataset_download", args=[factories.dataset().pk, format])
    assert admin_client.get(url).status_code == 404
    assert not has_exported()


@pytest.mark.parametrize(("language", "word"), [("en", "download"), ("zh-hans", "下载")])
def test_the_history_of_a_dataset_names_its_downloads(
    admin_client: Client, language: str, word: str
) -> None:
    dataset = factories.dataset("Tea")
    admin_client.get(reverse("admin:synthesis_dataset_download", args=[dataset.pk, "jsonl"]))
    url = reverse("admin:synthesis_dataset_history", args=[dataset.pk])
    html = admin_client.get(url, headers={"Accept-Language": language}).content.decode()
    entry = LogEntry.objects.get()
    assert (entry.object_id, entry.user.username) == (str(dataset.pk), "admin")
    assert word in html
    assert ".jsonl" in html


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "/admin/nothing/", 404),
        ("get", "/admin/synthesis/run/add/", 403),
        ("get", "/admin/synthesis/dataset/999/download/csv/", 404),
        ("post", "/admin/synthesis/synthesistask/999/command/pause/", 404),
    ],
)
def test_a_refusal_leads_back_to_the_dashboard(
    admin_client: Client, method: str, path: str, status: int
) -> None:
    response = getattr(admin_client, method)(path)
    assert response.status_code == status
    assert f'href="{HOME}"' in response.content.decode()


@pytest.mark.parametrize("address", ["https://elsewhere.example/", "//elsewhere.example/"])
def test_the_login_leads_to_no_stranger(client: Client, admin_user: User, address: str) -> None:
    admin_user.set_password("a long password")
    admin_user.save()
    given = {"username": admin_user.username, "password": "a long password", "next": address}
    response = client.post(LOGIN, given)
    assert response.headers["Location"] == HOME


def test_leaving_is_a_post(admin_client: Client) -> None:
    logout = reverse("admin:logout")
    assert admin_client.get(logout).status_code == 405
    assert admin_client.get(HOME).status_code == 200
    admin_client.post(logout)
    assert admin_client.get(HOME).status_code == 302
