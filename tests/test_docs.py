"""What the code has, the documents name; what the documents link to is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import find_commands
from django.dispatch import Signal

from providers import catalogue, errors
from providers.errors import ProviderError
from synthesis import errors as synthesis_errors
from synthesis import parsing, presets, reasons, signals, starters
from synthesis.models.template import Preset, TemplateType
from tests import png
from tests.conftest import ROOT

pytestmark = pytest.mark.any_database

DOCUMENTS = [*sorted((ROOT / "docs").glob("*.md")), *sorted(ROOT.glob("*.md"))]
TEXTS = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in DOCUMENTS}
APPS = ("providers", "synthesis", "quality", "datamate")
LARGEST_IMAGE_BYTES = 200 * 1024
READ = re.compile(r"environment\.\w+\(\s*\"(\w+)\"")
IN_README = {
    "qianfan": "百度千帆",
    "dashscope": "阿里百炼",
    "zhipu": "智谱",
    "moonshot": "Moonshot",
    "siliconflow": "硅基流动",
    "volcengine": "火山方舟",
    "local": {"README.md": "ships with it", "README.zh.md": "自带模型"},
    "compatible": {"README.md": "OpenAI's protocol", "README.zh.md": "兼容 OpenAI 协议"},
}


def settings_read():
    return READ.findall((ROOT / "datamate" / "settings.py").read_text("utf-8"))


def commands():
    return [name for app in APPS for name in find_commands(str(ROOT / app / "management"))]


def error_codes():
    kinds = [ProviderError, *subclasses(ProviderError)]
    return sorted(
        {kind.code for kind in kinds}
        | set(errors.ADVICE)
        | set(reasons.SENTENCES)
        | set(synthesis_errors.SENTENCES)
    )


def subclasses(kind):
    return [below for child in kind.__subclasses__() for below in (child, *subclasses(child))]


def images():
    return [
        (document, target)
        for document, text in TEXTS.items()
        for target in re.findall(r"!\[[^\]]*\]\(([^)]+)\)|<img[^>]*src=\"([^\"]+)\"", text)
        for target in target
        if target
    ]


@pytest.mark.parametrize(("document", "target"), images())
def test_image_is_there_and_small_enough_to_load(document, target):
    picture = (ROOT / document).parent / target
    assert picture.read_bytes().startswith(png.SIGNATURE)
    assert picture.stat().st_size < LARGEST_IMAGE_BYTES


def test_every_screenshot_is_shown():
    shown = {(ROOT / document).parent / target for document, target in images()}
    assert set((ROOT / "docs" / "screenshots").glob("*.png")) - shown == set()


@pytest.mark.parametrize("name", settings_read())
def test_setting_is_explained(name):
    assert f"`{name}`" in TEXTS["docs/settings.md"]


@pytest.mark.parametrize(
    "name", sorted(set(re.findall(r"`((?:DATAMATE|DATABASE)_\w+)`", TEXTS["docs/settings.md"])))
)
def test_explained_setting_exists(name):
    assert name.removesuffix("_FILE") in settings_read()


@pytest.mark.parametrize("name", [n for n, v in vars(signals).items() if isinstance(v, Signal)])
def test_signal_is_explained(name):
    assert f"`{name}`" in TEXTS["CONTRIBUTING.md"]


@pytest.mark.parametrize("name", commands())
def test_command_is_explained(name):
    assert f"\n## {name}\n" in TEXTS["docs/commands.md"]


@pytest.mark.parametrize("code", error_codes())
def test_error_code_is_explained(code):
    assert f"`{code}`" in TEXTS["docs/operations.md"]


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
@pytest.mark.parametrize("code", list(catalogue.VENDORS))
def test_vendor_is_named(code, readme):
    name = IN_README.get(code, str(catalogue.VENDORS[code].label))
    assert (name if isinstance(name, str) else name[readme]) in TEXTS[readme]


@pytest.mark.parametrize("document", list(TEXTS))
def test_links_and_named_files_lead_somewhere(document):
    folder = (ROOT / document).parent
    links = re.findall(r"\]\(([^)#:]+)\)", TEXTS[document])
    named = re.findall(
        r"`((?:docs|tests|providers|synthesis|quality|datamate)/[\w./]+)`", TEXTS[document]
    )
    missing = [link for link in links if not (folder / link).exists()]
    missing += [name for name in named if not (ROOT / name).exists()]
    assert missing == []


@pytest.mark.parametrize("code", list(parsing.PROBLEMS))
def test_problem_of_a_reply_is_explained(code):
    assert f"\n| `{code}` |" in TEXTS["docs/templates.md"]


@pytest.mark.parametrize("code", list(presets.PRESETS))
def test_preset_has_its_name_and_its_values(code):
    values = presets.PRESETS[code]
    cells = [f"{Preset(code).label} (`{code}`)", *map(str, values.values())]
    assert f"\n| {' | '.join(cells)} |\n" in TEXTS["docs/templates.md"]


def test_starters_are_counted():
    of_source = [row for row in starters.load() if row["name"].startswith(("Augment:", "增强："))]
    assert (len(of_source), len(TemplateType)) == (22, 9)
    assert "\ntwenty-two that [generate from a source]" in TEXTS["docs/templates.md"]
    assert "\nTwenty-two templates, eleven in each language" in TEXTS["docs/augmentation.md"]
    assert "\n- 22 starters" in TEXTS["CHANGELOG.md"]
    assert "starters of nine types" in TEXTS["CHANGELOG.md"]


def targets_in_makefile():
    rules = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    return sorted(set(rules) - {"help"})


@pytest.mark.parametrize("target", targets_in_makefile())
def test_target_is_listed_by_bare_make(target):
    assert re.search(rf"'make {target}\s", Path(ROOT / "Makefile").read_text("utf-8"))


@pytest.mark.parametrize("document", list(TEXTS))
def test_targets_that_are_named_exist(document):
    named = set(re.findall(r"`(?:[A-Z]+=\S+ )?make ([a-z-]+)`", TEXTS[document]))
    assert named <= set(targets_in_makefile())
