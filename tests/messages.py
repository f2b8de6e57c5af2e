"""The Chinese catalogues: what they must hold, read from the sources, and how they are compiled.

As a command:  python -m tests.messages   takes new messages up, drops old ones and compiles

A new message has an empty translation until somebody writes one; the tests say so. The catalogues
also hold the messages of packages that bring no Chinese for them. The domain "django" is what
Python and templates say, "djangojs" what scripts say.
"""

from __future__ import annotations

import ast
import os
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import django
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po
from django.apps import AppConfig, apps
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES"
DOMAINS = ("django", "djangojs")
APPS = ("datamate", "providers", "synthesis", "quality")
# Nobody sees the queue's own pages: they are closed.
UNSEEN = {"django_q"}
# Their own Chinese is odd ("以 状态", "选择 来源 来修改") or at odds with the rest of the page.
REWORDED = {
    " By %(filter_title)s ",
    "Filters",
    "Add %s",
    "Add %(name)s",
    "Change %s",
    "Select %s to change",
    "Select %s to view",
}
# Where the arguments of each function hold context, text and plural.
ARGUMENTS = {
    "_": (None, 0, None),
    "gettext": (None, 0, None),
    "ngettext": (None, 0, 1),
    "pgettext": (0, 1, None),
    "npgettext": (0, 1, 2),
}
CALL = re.compile(r"\b(?:_|n?p?gettext)\(u?[\"']")
TEXT = r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
CALL_OF_SCRIPT = re.compile(rf"\bn?p?gettext\(\s*{TEXT}(?:\s*,\s*{TEXT})*")

# A message is its context, its text, and its text in the plural.
Message = tuple[str | None, str, str | None]
Places = dict[Message, list[str]]
Translations = dict[tuple[str | None, str], tuple[str, ...]]


def of_code(code: str) -> Iterator[Message]:
    """Yield the messages of a Python module."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call):
            yield from _of_call(node)


def of_template(text: str) -> Iterator[Message]:
    """Yield the messages of a Django template."""
    code = templatize(text)
    for found in CALL.finditer(code):
        yield from _of_call(_call_at(code, found.start()))


def of_script(script: str) -> Iterator[Message]:
    """Yield the messages of a script, whose calls look like those of Python."""
    for found in CALL_OF_SCRIPT.finditer(script):
        call = ast.parse(f"{found[0]})", mode="eval").body
        assert isinstance(call, ast.Call)
        yield from _of_call(call)


def _call_at(code: str, start: int) -> ast.Call:
    """Read the call at start: templatize writes calls into text that is no Python."""
    end = start
    while True:
        end = code.index(")", end) + 1
        try:
            call = ast.parse(code[start:end], mode="eval").body
        except SyntaxError:
            continue
        assert isinstance(call, ast.Call)
        return call


def _of_call(call: ast.Call) -> Iterator[Message]:
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    places = ARGUMENTS.get(name.removesuffix("_lazy").removesuffix("_noop"))
    if places is None:
        return
    texts = [getattr(argument, "value", None) for argument in call.args]
    context, text, plural = (
        None if place is None or place >= len(texts) else texts[place] for place in places
    )
    if isinstance(text, str) and text:
        yield context, text, plural


READERS = {
    "django": {".py": of_code, ".html": of_template, ".txt": of_template},
    "djangojs": {".js": of_script},
}


def of_files(domain: str, paths: Iterable[Path], root: Path) -> Places:
    """Collect the messages of files, with the names of the files."""
    readers = READERS[domain]
    places: Places = {}
    for path in sorted(path for path in paths if path.suffix in readers):
        name = path.relative_to(root).as_posix()
        for message in readers[path.suffix](path.read_text("utf-8")):
            files = places.setdefault(message, [])
            if name not in files:
                files.append(name)
    return places


def of_product(domain: str) -> Places:
    folders = [ROOT / folder for folder in (*APPS, "templates", "static")]
    paths = [path for folder in folders for path in folder.rglob("*.*")]
    return of_files(domain, [path for path in paths if "migrations" not in path.parts], ROOT)


def of_packages(domain: str) -> Places:
    """Collect the messages of installed packages that none of them has in Chinese."""
    packages = [app for app in apps.get_app_configs() if app.name not in {*APPS, *UNSEEN}]
    folders = [Path(django.__file__).parent / "conf", *(Path(app.path) for app in packages)]
    known = set().union(*(_translated(domain, folder) for folder in folders))
    missing: Places = {}
    for app in packages:
        root = Path(app.path).parents[app.name.count(".")]
        for message, files in of_files(domain, _files_of(app), root).items():
            if message[:2] not in known or message[1] in REWORDED:
                missing.setdefault(message, []).extend(files)
    return missing


def _files_of(app: AppConfig) -> list[Path]:
    # What stands below contrib are apps of their own.
    return [
        path
        for path in Path(app.path).rglob("*.*")
        if not {"contrib", "tests", "vendor"} & {*path.relative_to(app.path).parts}
        and not path.name.endswith(".min.js")
    ]


def _translated(domain: str, folder: Path) -> set[tuple[str | None, str]]:
    path = folder / "locale" / "zh_Hans" / "LC_MESSAGES" / f"{domain}.mo"
    return {key for key, text in read_compiled(path).items() if all(text)}


def read_compiled(path: Path) -> Translations:
    """Return what a compiled catalogue says; nothing when there is none."""
    if not path.exists():
        return {}
    with path.open("rb") as file:
        entries = read_mo(file)
    for entry in entries:
        # Babel 2.18 leaves the contexts of a compiled catalogue undecoded.
        if isinstance(entry.context, bytes):
            entry.context = entry.context.decode()
    return translations(entries)


def translations(entries: Catalog) -> Translations:
    return {
        (entry.context, _forms(entry.id)[0]): _forms(entry.string or "")
        for entry in entries
        if entry.id
    }


def _forms(text: Any) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def needed(domain: str) -> Places:
    """Collect every message that the catalogue must hold."""
    places = of_product(domain)
    for message, files in of_packages(domain).items():
        places.setdefault(message, []).extend(files)
    return places


def catalogue(domain: str) -> Catalog:
    with (FOLDER / f"{domain}.po").open("rb") as file:
        return read_po(file, locale="zh_Hans")


def updated(old: Catalog, places: Places) -> Catalog:
    """Return the catalogue of the messages in places, with the translations of an old one."""
    new = Catalog(
        locale="zh_Hans",
        header_comment=old.header_comment,
        project=old.project,
        version=old.version,
        msgid_bugs_address=old.msgid_bugs_address,
        creation_date=old.creation_date,
        revision_date=old.revision_date,
        last_translator=old.last_translator,
        language_team=old.language_team,
        fuzzy=False,
    )
    for (context, text, plural), files in places.items():
        known = old.get(text, context)
        new.add(
            (text, plural) if plural else text,
            known.string if known else None,
            locations=[(name, None) for name in files],
            context=context,
        )
    return new


def write(domain: str, catalogue: Catalog) -> None:
    with (FOLDER / f"{domain}.po").open("wb") as file:
        write_po(file, catalogue, width=0, include_lineno=False)
    with (FOLDER / f"{domain}.mo").open("wb") as file:
        write_mo(file, catalogue)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    for domain in DOMAINS:
        new = updated(catalogue(domain), needed(domain))
        write(domain, new)
        for (_context, text), forms in translations(new).items():
            if not all(forms):
                sys.stdout.write(f"not translated: {text!r}\n")


if __name__ == "__main__":
    main()
