"""The Chinese catalogue: what it must hold, read from the sources, and how it is compiled.

As a command:  python -m tests.messages   takes new messages up, drops old ones and compiles

A new message has an empty translation until somebody writes one; the tests say so. The catalogue
also holds the messages of packages that bring no Chinese for them.
"""

from __future__ import annotations

import ast
import io
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
SOURCE = FOLDER / "django.po"
COMPILED = FOLDER / "django.mo"
APPS = ("datamate", "providers", "synthesis", "quality")
# Nobody sees the queue's own pages: they are closed.
UNSEEN = {"django_q"}
# Where the arguments of each function hold context, text and plural.
ARGUMENTS = {
    "_": (None, 0, None),
    "gettext": (None, 0, None),
    "ngettext": (None, 0, 1),
    "pgettext": (0, 1, None),
    "npgettext": (0, 1, 2),
}
CALL = re.compile(r"\b(?:_|n?p?gettext)\(u?[\"']")

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


def of_files(paths: Iterable[Path], root: Path) -> Places:
    """Collect the messages of modules and templates, with the names of the files."""
    readers = {".py": of_code, ".html": of_template, ".txt": of_template}
    places: Places = {}
    for path in sorted(path for path in paths if path.suffix in readers):
        name = path.relative_to(root).as_posix()
        for message in readers[path.suffix](path.read_text("utf-8")):
            files = places.setdefault(message, [])
            if name not in files:
                files.append(name)
    return places


def of_product() -> Places:
    paths = [path for folder in (*APPS, "templates") for path in (ROOT / folder).rglob("*.*")]
    return of_files([path for path in paths if "migrations" not in path.parts], ROOT)


def of_packages() -> Places:
    """Collect the messages of installed packages that none of them has in Chinese."""
    packages = [app for app in apps.get_app_configs() if app.name not in {*APPS, *UNSEEN}]
    known = set().union(*(_translated(Path(app.path)) for app in packages))
    known |= _translated(Path(django.__file__).parent / "conf")
    missing: Places = {}
    for app in packages:
        root = Path(app.path).parents[app.name.count(".")]
        for message, files in of_files(_files_of(app), root).items():
            if message[:2] not in known:
                missing.setdefault(message, []).extend(files)
    return missing


def _files_of(app: AppConfig) -> list[Path]:
    # What stands below contrib are apps of their own.
    return [
        path
        for path in Path(app.path).rglob("*.*")
        if not {"contrib", "tests"} & {*path.relative_to(app.path).parts}
    ]


def _translated(folder: Path) -> set[tuple[str | None, str]]:
    path = folder / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.mo"
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


def needed() -> Places:
    """Collect every message that the catalogue must hold."""
    places = of_product()
    for message, files in of_packages().items():
        places.setdefault(message, []).extend(files)
    return places


def catalogue() -> Catalog:
    with SOURCE.open("rb") as file:
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


def compiled(source: Catalog) -> bytes:
    file = io.BytesIO()
    write_mo(file, source)
    return file.getvalue()


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    new = updated(catalogue(), needed())
    with SOURCE.open("wb") as file:
        write_po(file, new, width=0, include_lineno=False)
    COMPILED.write_bytes(compiled(new))
    for (_context, text), forms in translations(new).items():
        if not all(forms):
            sys.stdout.write(f"not translated: {text!r}\n")


if __name__ == "__main__":
    main()
