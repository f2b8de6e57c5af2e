"""Every sentence of the product is there in Chinese, and every page shows it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from babel.messages.catalog import Catalog
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.db.models import Model
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import translation

from datamate.admin import PermissionsField
from providers import errors
from quality import findings
from quality.models import ContentRule, Rubric
from synthesis import reasons
from synthesis.errors import SENTENCES, SynthesisError
from synthesis.models import Record
from tests import factories, messages
from tests.conftest import ROOT
from tests.quality.deduplication.datasets import applied, unsearched
from tests.quality.evaluation.datasets import evaluated

pytestmark = pytest.mark.any_database

CHINESE = {"HTTP_ACCEPT_LANGUAGE": "zh-hans"}
TEMPLATES = ROOT / "templates"
ADDRESS = "http://127.0.0.1:9/v1"
PLACEHOLDER = re.compile(r"%\(\w+\)[sdgr]|%[sd]|\{\{?\w*\}?\}|</?\w[^>]*>|`[^`]*`")
# Names, formats and parameters, which are the same in both languages.
SAME = {
    *("datamate", "english", "en", "zh", "hans", "openai", "anthropic", "dashscope", "deepseek"),
    *("glm", "moonshot", "kimi", "vllm", "ollama", "api", "json", "jsonl", "csv", "yaml", "schema"),
    *("dpo", "http", "https", "id", "env", "tokens", "top", "ldap", "mac", "control", "command"),
    *("html", "xlsx", "tsv", "distinct", "txt", "md", "pdf", "docx", "prompt", "fields"),
    *("input", "output", "temperature", "max_tokens", "top_p", "name_api_key", "md5"),
    *("python", "sql", "query", "question", "ip", "utf", "gbk", "txt"),
}
SCHEMA = {"type": "object", "properties": {"问题": {"const": "一"}}, "required": ["问题"]}
CHINESE_DIMENSION = {"description": "对吗？", "levels": {"1": "错", "5": "对"}}
SKIPPED = {"script", "style", "code", "pre", "textarea", "svg", "kbd"}
VOID = {"input", "img", "br", "hr", "meta", "link", "path", "source", "col"}


class VisibleText(HTMLParser):
    """Collects what a reader sees: text, labels and hints, not code and not names of icons."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        names = ["title", "placeholder", "aria-label", "alt"]
        if tag == "input" and values.get("type") in {"submit", "button", "reset"}:
            names.append("value")
        self.texts += [values[name] or "" for name in names if name in values]
        if tag not in VOID:
            is_icon = "material-symbols" in (values.get("class") or "")
            self.open.append((tag, is_icon or tag in SKIPPED))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not any(is_hidden for _tag, is_hidden in self.open):
            self.texts.append(data.strip())


def english(html: str) -> list[str]:
    """List the texts of a page that hold an English word."""
    return sorted(
        {
            text
            for text in VisibleText(html).texts
            if {
                word.lower()
                for word in re.findall(
                    r"[A-Za-z][A-Za-z_]+", PLACEHOLDER.sub("", text.replace(ADDRESS, ""))
                )
            }
            - SAME
        }
    )


def written():
    return {
        (domain, *key): forms
        for domain in messages.DOMAINS
        for key, forms in messages.translations(messages.catalogue(domain)).items()
    }


@pytest.fixture
def reader(client: Client, db: None) -> Client:
    client.force_login(User.objects.create_superuser("管理员"))
    client.defaults.update(CHINESE)
    return client


@pytest.fixture(scope="module")
def rows(module_db: None) -> dict[type[Model], Model]:
    """One row of each kind, with Chinese names, so that what is English is the product's."""
    provider = factories.provider(ADDRESS, name="提供商一号")
    model = factories.language_model(provider=provider, name="模型一号")
    template = factories.template(
        name="模板一号", prompt="写 {count} 条", variables=[], output_schema=SCHEMA
    )
    task = factories.task(
        model, name="任务一号", template=template, dataset=factories.dataset("数据集一号")
    )
    run = factories.run(task)
    records = [Record(content={"问题": text}) for text in ("一", "一", "二")]
    records += [
        Record(status="malformed", raw="…", findings=[{"check": "parse", "code": "refused"}])
    ]
    for record in records:
        record.dataset, record.run = run.dataset, run
    record = Record.objects.write(records, dataset=run.dataset, run=run)[0]
    made = [provider, model, template, task, run, run.dataset, record]
    made.append(User.objects.create_user("审核员一号"))
    made.append(evaluated(run.dataset))
    texts = ("红茶全发酵，汤色红亮。", "红茶是全发酵，汤色红亮。")
    copies = unsearched(*texts, of=factories.dataset("数据集二号"), field="问题")
    made.append(applied(copies[0].dataset))
    rubric = factories.rubric(
        factories.dimension("正确性", **CHINESE_DIMENSION), name="评分标准一号"
    )
    scores = [{"name": "正确性", "weight": 1, "score": 4, "reason": "基本正确。"}]
    version = rubric.latest_version
    made += [
        rubric,
        factories.judgement(
            record, rubric_version=version, language_model=model, dimension_scores=scores
        ),
    ]
    made.append(ContentRule.objects.create(name="规则一号", words="赌博"))
    return {type(row): row for row in made}


def test_the_catalogue_holds_exactly_what_the_sources_say():
    needed = {
        (domain, context, text)
        for domain in messages.DOMAINS
        for context, text, _plural in messages.needed(domain)
    }
    assert needed ^ set(written()) == set()


def test_every_message_is_translated():
    assert [key for key, forms in written().items() if not all(forms)] == []


def test_no_translation_is_a_guess():
    entries = [entry for domain in messages.DOMAINS for entry in messages.catalogue(domain)]
    assert [entry.id for entry in entries if entry.fuzzy] == []


def test_placeholders_stay_as_they_are():
    def marks(text):
        return sorted(PLACEHOLDER.findall(text))

    wrong = [text for (*_key, text), forms in written().items() if marks(text) != marks(forms[0])]
    assert wrong == []


def test_line_ends_stay_as_they_are():
    def ends(text):
        return text.count("\n"), text.startswith("\n"), text.endswith("\n")

    assert [
        text for (*_key, text), forms in written().items() if ends(text) != ends(forms[0])
    ] == []


@pytest.mark.parametrize("found", ["您", r"[一-鿿][,;:?!]", r"[一-鿿]\.(?!\w)", "、、|。。|，，"])
def test_chinese_is_set_as_chinese(found):
    assert [text for forms in written().values() for text in forms if re.search(found, text)] == []


@pytest.mark.parametrize("domain", messages.DOMAINS)
def test_the_compiled_catalogue_is_the_written_one(domain):
    compiled = messages.read_compiled(messages.FOLDER / f"{domain}.mo")
    assert compiled == messages.translations(messages.catalogue(domain))


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.stem)
def test_template_holds_no_word_that_cannot_be_translated(path):
    text = path.read_text("utf-8")
    for tags in (r"{% blocktranslate.*?endblocktranslate %}", r"{%.*?%}", r"{{.*?}}", r"{#.*?#}"):
        text = re.sub(tags, "", text, flags=re.DOTALL)
    assert english(text) == []


def test_messages_of_code_are_found():
    code = "f(_('a' 'b'), pgettext_lazy('c', 'd'), ngettext('e', 'f', n), gettext(name))"
    assert set(messages.of_code(code)) == {
        (None, "ab", None),
        ("c", "d", None),
        (None, "e", "f"),
    }


def test_messages_of_templates_are_found():
    template = (
        "it's {% translate 'a' %} {% translate \"b (c)\" context 'd' %} {{ _('e') }}"
        "{% blocktranslate count n=n %}{{ n }} f{% plural %}{{ n }} g{% endblocktranslate %}"
    )
    assert set(messages.of_template(template)) == {
        (None, "a", None),
        ("d", "b (c)", None),
        (None, "e", None),
        (None, "%(n)s f", "%(n)s g"),
    }


def test_messages_of_scripts_are_found():
    script = """f(gettext('a "b"'), ngettext( "c", "d", n), pgettext('e', 'f'), gettext(name))"""
    assert set(messages.of_script(script)) == {
        (None, 'a "b"', None),
        (None, "c", "d"),
        ("e", "f", None),
    }


def test_a_changed_catalogue_keeps_translations_and_drops_what_nobody_says():
    old = Catalog(locale="zh_Hans")
    old.add("kept", "留下")
    old.add("gone", "离开")
    new = messages.updated(old, {(None, "kept", None): ["a.py"], (None, "new", None): ["b.py"]})
    assert messages.translations(new) == {(None, "kept"): ("留下",), (None, "new"): ("",)}


@pytest.mark.django_db
@pytest.mark.parametrize("model", list(admin.site._registry), ids=lambda model: model.__name__)
@pytest.mark.parametrize("page", ["changelist", "add", "change", "history", "delete"])
def test_page_is_chinese(reader, rows, model, page):
    arguments = [rows[model].pk] if model in rows and page not in {"changelist", "add"} else []
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"
    try:
        url = reverse(name, args=arguments)
    except NoReverseMatch:
        assert model not in rows
        return
    assert english(reader.get(url).content.decode()) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("admin:index", None),
        ("admin:password_change", None),
        ("admin:providers_languagemodel_import", None),
        ("admin:providers_languagemodel_export", None),
        ("admin:synthesis_prompttemplate_import", None),
        ("admin:synthesis_prompttemplate_export", None),
        ("admin:quality_rubric_import", None),
        ("admin:quality_rubric_export", None),
        ("admin:quality_rubric_try_it", Rubric),
        ("admin:quality_contentrule_import", None),
        ("admin:quality_contentrule_export", None),
    ],
)
def test_other_page_is_chinese(reader, rows, name, model):
    arguments = [rows[model].pk] if model else []
    assert english(reader.get(reverse(name, args=arguments)).content.decode()) == []


@pytest.mark.django_db
def test_scripts_speak_chinese(reader):
    catalogue = reader.get(reverse("admin:jsi18n"), HTTP_ACCEPT="application/javascript")
    assert '"Choose all %s": "\\u9009\\u62e9\\u5168\\u90e8%s"' in catalogue.content.decode()


@pytest.mark.django_db
def test_login_is_chinese(client):
    page = client.post(reverse("admin:login"), {"username": "甲", "password": "乙"}, **CHINESE)
    assert english(page.content.decode()) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("url", "status"), [("/admin/synthesis/run/add/", 403), ("/admin/nothing/", 404)]
)
def test_refusal_is_chinese(reader, url, status):
    page = reader.get(url)
    assert (page.status_code, english(page.content.decode())) == (status, [])


@pytest.mark.django_db
def test_failure_is_chinese(reader, monkeypatch):
    reader.raise_request_exception = False
    monkeypatch.setattr("datamate.dashboard.context", lambda request, context: 1 / 0)
    page = reader.get(reverse("admin:index"))
    assert (page.status_code, english(page.content.decode())) == (500, [])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "path", "body", "detail"),
    [
        ("get", "tasks/0/", None, "未找到。"),
        ("get", "nothing/", None, "此地址不存在。API 地址以斜杠结尾。"),
        ("post", "datasets/", {}, "以下字段需要更正：name。"),
    ],
)
def test_error_of_the_api_is_chinese(reader, method, path, body, detail):
    answer = getattr(reader, method)(f"/api/v1/{path}", body, content_type="application/json")
    assert answer.json()["detail"] == detail


@pytest.mark.django_db
def test_permissions_are_named_in_chinese():
    with translation.override("zh-hans"):
        field = PermissionsField(Permission.objects.filter(codename="add_run"))
        assert [str(label) for _value, label in field.choices] == ["数据合成 | 执行记录 | 可添加"]


@pytest.mark.parametrize("code", list(errors.ADVICE))
def test_advice_is_chinese(code):
    with translation.override("zh-hans"):
        assert re.match(r"[一-鿿].*。$", str(errors.advice(code)))


@pytest.mark.parametrize("code", list(reasons.SENTENCES))
def test_reason_is_chinese(code):
    with translation.override("zh-hans"):
        assert re.match(r"[一-鿿]", reasons.sentence(code))


# What is nothing but its detail is a sentence that somebody else wrote, in the reader's language.
@pytest.mark.parametrize("code", [code for code, words in SENTENCES.items() if words != "{detail}"])
def test_refusal_of_a_command_is_chinese(code):
    with translation.override("zh-hans"):
        assert re.match(r"[一-鿿].*。$", str(SynthesisError(code, "甲")))


@pytest.mark.parametrize("key", list(findings.SENTENCES))
def test_finding_is_chinese(key):
    check, _colon, code = key.partition(":")
    with translation.override("zh-hans"):
        finding = {"check": check, "code": code, "value": "一", "limit": "二", "rule_name": "三"}
        assert re.match(r".*[一-鿿]”?。$", findings.sentence(finding))
