from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from providers.admin.exchange import IndentedJSON
from quality import rule_starters
from quality.admin.content_rule_exchange import ContentRuleResource
from quality.content import Kind
from quality.models import ContentRule

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

LIST = reverse("admin:quality_contentrule_changelist")
ADD = reverse("admin:quality_contentrule_add")
PREVIEW = reverse("admin:quality_contentrule_preview")


def posted(**fields: Any) -> dict[str, Any]:
    return {"name": "Mine", "kind": "words", "default_action": "flag", "words": "", **fields}


def file(data: bytes, name: str = "words.txt") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def rule(**fields: Any) -> ContentRule:
    return ContentRule.objects.create(**{"name": "Mine", "words": "fool\nclown", **fields})


def long_rule() -> ContentRule:
    return rule(words="\n".join(f"word{number}" for number in range(2_001)))


def page(row: ContentRule, name: str = "change") -> str:
    return reverse(f"admin:quality_contentrule_{name}", args=[row.pk])


def errors(response: Any) -> dict[str, list[str]]:
    return {name: list(found) for name, found in response.context["adminform"].form.errors.items()}


def said(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_pages_render(admin_client: Client, language: str) -> None:
    row = rule()
    for url in (LIST, ADD, page(row), reverse("admin:quality_contentrule_import")):
        response = admin_client.get(url, headers={"accept-language": language})
        assert response.status_code == 200
        assert f'lang="{language}"' in response.content.decode()


def test_the_list_tells_kind_action_and_number_of_words(admin_client: Client) -> None:
    rule(default_action="reject")
    rule(name="Links", kind="url", words="")
    html = admin_client.get(LIST).content.decode()
    assert all(text in html for text in ("Word list", "Reject the record", "Web addresses"))
    assert [row.words_count for row in ContentRule.objects.order_by("name")] == [0, 2]


def test_the_list_costs_the_same_with_more_rules_and_reads_no_words(admin_client: Client) -> None:
    rule()
    admin_client.get(LIST)
    with CaptureQueriesContext(connection) as with_one:
        admin_client.get(LIST)
    rule_starters.add()
    with CaptureQueriesContext(connection) as with_more:
        admin_client.get(LIST)
    assert len(with_more) == len(with_one)
    assert not any('"quality_contentrule"."words"' in query["sql"] for query in with_more)


def test_a_word_list_is_made_of_typed_and_uploaded_words(
    admin_client: Client, admin_user: User
) -> None:
    form = posted(words="fool", word_file=file("clown\nFool\n赌博".encode("gbk")))
    response = admin_client.post(ADD, form, follow=True)
    row = ContentRule.objects.get()
    assert (row.words, row.words_count) == ("fool\nclown\n赌博", 3)
    assert row.created_by == admin_user
    assert "2 words were added. 1 was in the list already." in said(response)


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("words.txt", b"", "The file is empty."),
        ("words.txt", b"\n \n", "The file is empty."),
        (
            "words.txt",
            b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
            "The file is no text in UTF-8, UTF-16 or GBK. Save it as UTF-8 and try again.",
        ),
        (
            "words.csv",
            b"x" * 101,
            "“xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…” is longer than 100 characters."
            " Write one word a line.",
        ),
    ],
)
def test_a_bad_file_is_refused_in_words(
    admin_client: Client, name: str, data: bytes, sentence: str
) -> None:
    response = admin_client.post(ADD, posted(word_file=file(data, name)))
    assert errors(response)["word_file"] == [sentence]
    assert not ContentRule.objects.exists()


def test_a_bad_file_is_refused_in_chinese(admin_client: Client) -> None:
    headers = {"accept-language": "zh-hans"}
    response = admin_client.post(ADD, posted(word_file=file(b"")), headers=headers)
    assert errors(response)["word_file"] == ["文件为空。"]


def test_an_upload_replaces_the_list_when_told_so(admin_client: Client) -> None:
    row = rule()
    form = posted(words=row.words, word_file=file(b"new"), replace_words="on")
    admin_client.post(page(row), form)
    row.refresh_from_db()
    assert row.words == "new"


def test_a_long_list_is_not_shown_and_not_lost(admin_client: Client) -> None:
    row = long_rule()
    html = admin_client.get(page(row)).content.decode()
    assert "word1999" not in html
    assert "The list has 2,001 words, too many to show: what you write is added." in html
    admin_client.post(page(row), posted(name="Long"))
    admin_client.post(page(row), posted(name="Long", words="new"))
    row.refresh_from_db()
    assert (row.name, row.words_count, row.words.endswith("\nnew")) == ("Long", 2_002, True)


def test_a_long_list_is_replaced_by_what_is_typed(admin_client: Client) -> None:
    row = long_rule()
    admin_client.post(page(row), posted(words="only", replace_words="on"))
    row.refresh_from_db()
    assert row.words == "only"


@pytest.mark.parametrize(
    ("form", "problem"),
    [
        (posted(), {"words": ["The word list is empty. Write one word a line."]}),
        (
            posted(kind="expression", expression="(a+)+$"),
            {
                "expression": [
                    "The expression takes too long on some texts: it has a repetition inside a"
                    " repetition, such as (a+)+. Write it without that."
                ]
            },
        ),
        (
            posted(kind="expression"),
            {
                "expression": [
                    "The expression fits the empty text, so it would be found in every record."
                ]
            },
        ),
        (posted(kind="personal"), {"data_types": ["Choose what to look for."]}),
        (
            posted(kind="refusal", default_action="mask"),
            {"default_action": ["What this kind of rule finds cannot be masked."]},
        ),
    ],
)
def test_the_form_says_what_is_wrong(
    admin_client: Client, form: dict[str, Any], problem: dict[str, list[str]]
) -> None:
    assert errors(admin_client.post(ADD, form)) == problem


def test_a_rule_for_personal_data_keeps_what_was_chosen(admin_client: Client) -> None:
    admin_client.post(ADD, posted(kind="personal", data_types=["phone", "email"]))
    assert ContentRule.objects.get().data_types == ["phone", "email"]


def test_the_words_can_be_downloaded(admin_client: Client) -> None:
    response = admin_client.get(page(rule(), "download_words"))
    assert response.content.decode() == "fool\nclown\n"
    assert response.headers["Content-Disposition"] == 'attachment; filename="mine.txt"'


def test_there_is_nothing_to_download_without_words(admin_client: Client) -> None:
    links = rule(kind="url", words="")
    assert "Download words" not in admin_client.get(page(links)).content.decode()
    assert admin_client.get(page(links, "download_words")).status_code == 403
    assert admin_client.get(f"{LIST}99/words/").status_code == 403


# Trying a rule


def tried(client: Client, text: str, **fields: Any) -> str:
    return client.post(PREVIEW, posted(preview_text=text, **fields)).content.decode()


def test_a_rule_is_tried_before_it_is_stored(admin_client: Client) -> None:
    html = tried(admin_client, "What a fool!", name="", words="fool")
    assert "The text has words of the list “”: fool." in html
    assert "What a ****!" in html
    assert not ContentRule.objects.exists()


@pytest.mark.parametrize(
    ("fields", "text", "sentence"),
    [
        ({"words": "fool"}, "Fine.", "The rule finds nothing in this text."),
        ({"words": ""}, "Fine.", "The word list is empty. Write one word a line."),
        ({"words": ""}, " ", "What the rule finds appears here."),
        ({"kind": "odd"}, "Fine.", "Select a valid choice. odd is not one of the"),
        (
            {"kind": "personal", "data_types": ["phone"]},
            "打13812345678",
            "The text has a phone number: 138****5678.",
        ),
        (
            {"kind": "expression", "expression": "("},
            "Fine.",
            "The expression cannot be read: missing ) at position 1",
        ),
        (
            {"kind": "language", "preview_prompt": "Write a short question about the river."},
            "河水结了冰，村里的孩子们走过去上学。",
            "The text is in another language: Chinese.",
        ),
        ({"words": "<b>"}, "a <b> c", "The text has words of the list “Mine”: &lt;b&gt;."),
    ],
)
def test_the_panel_tells_what_a_rule_finds(
    admin_client: Client, fields: dict[str, Any], text: str, sentence: str
) -> None:
    assert sentence in tried(admin_client, text, **fields)


def test_a_stored_long_list_is_tried_without_being_posted(admin_client: Client) -> None:
    row = long_rule()
    html = tried(admin_client, "A word17 and word9999", preview_rule=row.pk)
    assert "The text has words of the list “Mine”: word17." in html


@pytest.mark.parametrize("preview_rule", ["", "x", "99", "1'--"])
def test_the_panel_takes_any_number_of_a_rule(admin_client: Client, preview_rule: str) -> None:
    assert "fool" in tried(admin_client, "fool", words="fool", preview_rule=preview_rule)


@pytest.mark.parametrize("url", [LIST, PREVIEW])
def test_pages_are_closed_to_who_may_not_see_rules(client: Client, url: str) -> None:
    client.force_login(User.objects.create_user("member", is_staff=True))
    assert client.post(url).status_code == 403


def test_a_viewer_may_try_but_not_change(client: Client) -> None:
    user = User.objects.create_user("viewer", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_contentrule"))
    client.force_login(user)
    row = rule()
    assert client.get(page(row)).status_code == 200
    assert client.post(page(row), posted()).status_code == 403
    assert client.post(PREVIEW, posted(preview_text="fool", words="fool")).status_code == 200


# Files


def exported() -> str:
    return IndentedJSON().export_data(ContentRuleResource().export(ContentRule.objects.all()))


def imported(text: str) -> Any:
    dataset = IndentedJSON().create_dataset(text)
    return ContentRuleResource().import_data(dataset, dry_run=False)


def test_rules_come_back_from_a_file() -> None:
    rule_starters.add()
    text = exported()
    before = list(ContentRule.objects.values_list("name", "kind", "words", "data_types"))
    ContentRule.objects.all().delete()
    assert imported(text).totals["new"] == len(rule_starters.RULES)
    assert list(ContentRule.objects.values_list("name", "kind", "words", "data_types")) == before
    assert imported(text).totals["skip"] == len(rule_starters.RULES)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ('{"name": "A", "kind": "words"}', "The word list is empty. Write one word a line."),
        ('{"name": "A", "kind": "odd"}', "Value 'odd' is not a valid choice."),
        ('{"name": "A", "kind": "words", "words": {}}', "has the wrong shape."),
    ],
)
def test_a_bad_row_of_a_file_is_refused_in_words(row: str, sentence: str) -> None:
    result = imported(f"[{row}]")
    found = [str(error) for invalid in result.invalid_rows for error in invalid.error.messages]
    assert any(sentence in text for text in found)
    assert not ContentRule.objects.exists()


def test_an_import_is_previewed(admin_client: Client) -> None:
    rule(kind=Kind.URL, words="")
    data = {"import_file": file(exported().encode(), "rules.json"), "format": "0"}
    response = admin_client.post(reverse("admin:quality_contentrule_import"), data)
    assert response.status_code == 200
    assert "confirm_form" in response.context
