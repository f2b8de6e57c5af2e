"""The house rules that a machine can check: who imports whom, names, sizes, dead ends."""

from __future__ import annotations

import ast
import re
import subprocess
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import Field

from tests.conftest import ROOT

APPS = ("datamate", "providers", "quality", "synthesis")
MAY_IMPORT = {
    "providers": {"providers"},
    "synthesis": {"synthesis", "providers"},
    "quality": {"quality", "synthesis", "providers"},
    "datamate": set(APPS),
}
DRAWERS = {"utils", "util", "helpers", "helper", "common", "services", "misc", "functions"}
# What a language model or a user wrote is never a format string: templates are not code.
FORMATTED_TEXT = {"prompt", "system_prompt", "text", "content"}
LINE_WALL = 500
WORD = re.compile(r"\w+")
FUNCTION_WALL = 50

# The sources are parsed once a process.
pytestmark = [pytest.mark.xdist_group("architecture"), pytest.mark.any_database]


@cache
def sources() -> dict[Path, ast.Module]:
    found = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")
    files = [Path(name) for name in found if name and (ROOT / name).exists()]
    return {path: ast.parse((ROOT / path).read_text("utf-8"), str(path)) for path in files}


def product() -> dict[Path, ast.Module]:
    return {
        path: tree
        for path, tree in sources().items()
        if path.parts[0] in APPS and "migrations" not in path.parts
    }


def imported_apps(tree: ast.Module) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
        elif isinstance(node, ast.Call) and called(node) == "import_module":
            names |= {arg.value for arg in node.args if isinstance(arg, ast.Constant)}
    return {name.partition(".")[0] for name in names} & {*APPS, "tests", "bench"}


def called(node: ast.Call) -> str:
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


@cache
def every_call() -> dict[str, list[tuple[Path, ast.Call]]]:
    found = defaultdict(list)
    for path, tree in product().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                found[called(node)].append((path, node))
    return found


def calls(name: str) -> list[tuple[Path, ast.Call]]:
    return every_call().get(name, [])


@cache
def words_of_product() -> Counter[str]:
    """Count the words of all that may read a field or a setting: code, templates, scripts."""
    folders = [*APPS, "templates", "static"]
    files = [
        path
        for folder in folders
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".html", ".js"} and "migrations" not in path.parts
    ]
    return Counter(word for path in files for word in WORD.findall(path.read_text("utf-8")))


@pytest.mark.parametrize("app", APPS)
def test_app_imports_only_those_below_it(app):
    wrong = {
        str(path): sorted(imported_apps(tree) - MAY_IMPORT[app])
        for path, tree in product().items()
        if path.parts[0] == app and imported_apps(tree) - MAY_IMPORT[app]
    }
    assert wrong == {}


def test_no_module_is_a_drawer():
    assert [str(path) for path in sources() if DRAWERS & {path.stem, *path.parts[:-1]}] == []


def test_no_queue_entry_point_is_called_a_task():
    assert [
        str(path) for path in product() if path.name == "tasks.py" and len(path.parts) == 2
    ] == []


def test_every_module_postpones_annotations():
    late = [
        str(path)
        for path, tree in sources().items()
        if tree.body
        and "migrations" not in path.parts
        and not any(
            isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in tree.body
        )
    ]
    assert late == []


def test_no_text_of_users_or_models_is_a_format_string():
    guilty = [
        f"{path}:{node.lineno}"
        for path, node in calls("format")
        if isinstance(node.func, ast.Attribute)
        and getattr(node.func.value, "attr", getattr(node.func.value, "id", "")) in FORMATTED_TEXT
    ]
    assert guilty == []


@pytest.mark.parametrize("name", ["mark_safe", "SafeString", "eval", "exec", "pickle", "print"])
def test_is_not_called(name):
    assert [f"{path}:{node.lineno}" for path, node in calls(name)] == []


def test_templates_trust_no_text():
    files = [*ROOT.glob("templates/**/*.html"), *ROOT.glob("*/templates/**/*.html")]
    guilty = [
        str(path)
        for path in files
        if re.search(r"\|\s*safe\b|autoescape\s+off", path.read_text("utf-8"))
    ]
    assert guilty == []


def test_ignored_types_say_which_error():
    guilty = [
        str(path)
        for path in sources()
        if re.search(r"# type: ignore(?!\[)", (ROOT / path).read_text("utf-8"))
        and path != Path("tests/test_architecture.py")
    ]
    assert guilty == []


def test_no_file_passes_the_wall():
    long = {
        str(path): lines
        for path in sources()
        if (lines := (ROOT / path).read_text("utf-8").count("\n")) > LINE_WALL
    }
    assert long == {}


def test_no_function_passes_the_wall():
    long = [
        f"{path}:{node.name}"
        for path, tree in product().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.body[0].lineno >= FUNCTION_WALL
    ]
    assert long == []


def test_every_setting_is_read_somewhere():
    defined = re.findall(
        r"^(DATAMATE_\w+) =", (ROOT / "datamate" / "settings.py").read_text("utf-8"), re.MULTILINE
    )
    # Once where it is defined, once as the variable's name, and once more where it is used.
    assert [name for name in defined if words_of_product()[name] < 3] == []


def own_fields() -> list[Field]:
    return [
        field
        for model in apps.get_models()
        if model._meta.app_label in APPS
        for field in model._meta.local_fields
        if not field.primary_key
    ]


def test_every_field_is_read_somewhere():
    counts = words_of_product()
    unread = {
        str(field)
        for field in own_fields()
        if sum(counts[name] for name in {field.name, field.attname}) < 2
    }
    assert unread == set()


def test_no_file_names_a_place_to_get_packages_from():
    # Taken apart, so that this file does not name them.
    hosts = [
        "".join(parts)
        for parts in (("py", "pi.org"), ("registry.np", "mjs"), ("files.pyth", "onhosted"))
    ]
    names = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    guilty = [
        name
        for name in names
        if name
        and (ROOT / name).is_file()
        and any(host.encode() in (ROOT / name).read_bytes() for host in hosts)
    ]
    assert guilty == []
