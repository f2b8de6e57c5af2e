"""One input for each variable of a template, as a single form field."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold import widgets

from synthesis import source_prompts, variables

HINTS = {
    "integer": _("A whole number."),
    "number": _("A number."),
    "list": _("One element a line; each batch draws one of them."),
}


class VariablesWidget(forms.Widget):
    html_id = "task-variables"
    declared: Sequence[Mapping[str, Any]] = ()
    filled: Sequence[str] = ()  # by the source
    errors: Mapping[str, Sequence[str]] = {}

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        given = value if isinstance(value, Mapping) else {}
        rows = [self.row(name, declaration, given) for declaration in self.declared]
        context = {"rows": rows, "filled": self.filled, "html_id": self.html_id}
        return render_to_string("admin/synthesis/synthesistask/variables.html", context)

    def row(
        self, prefix: str, declaration: Mapping[str, Any], given: Mapping[str, Any]
    ) -> dict[str, Any]:
        name = declaration["name"]
        value = given.get(name)
        shown = declaration.get("default") if value is None else value
        html_id = f"id_{prefix}-{name}"
        return {
            "name": name,
            "id": html_id,
            "is_required": is_required(declaration),
            "input": render_input(declaration, f"{prefix}-{name}", shown, html_id),
            "description": declaration.get("description", ""),
            "hint": HINTS.get(declaration["type"], ""),
            "errors": self.errors.get(name, ()),
        }

    def value_from_datadict(self, data: Any, _files: Any, name: str) -> dict[str, Any]:
        return {
            declaration["name"]: posted(declaration, data, f"{name}-{declaration['name']}")
            for declaration in self.declared
        }

    def value_omitted_from_data(self, _data: Any, _files: Any, _name: str) -> bool:
        return False

    def id_for_label(self, _id: str) -> str:
        return ""


class VariablesField(forms.Field):
    """A JSON object of the values given, each of its variable's type."""

    widget = VariablesWidget
    columns: Sequence[str] | None = None

    def declare(
        self, declared: Sequence[Mapping[str, Any]], columns: Sequence[str] | None = None
    ) -> None:
        """Ask for the declared variables but for those that a source with these columns fills."""
        self.columns = columns
        filled = [] if columns is None else source_prompts.names(columns)
        self.widget.declared = [row for row in declared if row["name"] not in filled]
        self.widget.filled = filled

    def clean(self, value: Mapping[str, Any]) -> dict[str, Any]:
        declared = self.widget.declared
        given = {name: text for name, text in value.items() if text not in (None, "")}
        try:
            resolved = source_prompts.resolve(declared, given, self.columns)
        except variables.VariableError as error:
            self.widget.errors = by_name(error)
            raise forms.ValidationError(_("Some variables need another value.")) from error
        return {name: resolved[name] for name in given if name in resolved}

    def has_changed(self, initial: Any, data: Any) -> bool:
        before = initial if isinstance(initial, Mapping) else {}
        return any(str(before.get(name, "")) != str(data[name] or "") for name in data)


def by_name(error: variables.VariableError) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for problem in error.problems:
        found.setdefault(problem.name, []).append(problem.sentence)
    return found


def is_required(declaration: Mapping[str, Any]) -> bool:
    has_way_out = declaration["type"] in ("choice", "boolean") or "default" in declaration
    return bool(declaration.get("required", not has_way_out))


def posted(declaration: Mapping[str, Any], data: Any, key: str) -> Any:
    """Read one input; a choice may stand for a list of choices to draw from."""
    if declaration["type"] == "boolean" and f"{key}-shown" in data:
        return key in data
    text = data.get(key)
    if declaration["type"] == "choice" and text and text not in texts(declaration["choices"]):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    return text


def render_input(declaration: Mapping[str, Any], name: str, value: Any, html_id: str) -> SafeString:
    kind = declaration["type"]
    attrs = {"id": html_id}
    if kind == "choice":
        return render_choice(declaration, name, value, attrs)
    if kind == "boolean":
        return render_switch(name, value, attrs)
    if kind == "list":
        text = "\n".join(texts(value)) if isinstance(value, list) else value
        return widgets.UnfoldAdminTextareaWidget({"rows": 4}).render(name, text, attrs)
    if kind in ("integer", "number"):
        step = "1" if kind == "integer" else "any"
        return widgets.UnfoldAdminIntegerFieldWidget({"step": step}).render(name, value, attrs)
    return widgets.UnfoldAdminExpandableTextareaWidget({"rows": 1}).render(name, value, attrs)


def render_choice(
    declaration: Mapping[str, Any], name: str, value: Any, attrs: dict[str, str]
) -> SafeString:
    options = [(text, text) for text in texts(declaration["choices"])]
    chosen = "" if value is None else str(value)
    if isinstance(value, list):
        chosen = json.dumps(value, ensure_ascii=False)
        options.append((chosen, ", ".join(texts(value))))
    if declaration.get("default") is None:
        blank = _("Select value") if declaration.get("required") else _("Any: each batch draws one")
        options.insert(0, ("", blank))
    return widgets.UnfoldAdminSelectWidget(choices=options).render(name, chosen, attrs)


def render_switch(name: str, value: Any, attrs: dict[str, str]) -> SafeString:
    """An unticked box sends nothing, so a hidden input says that it was there."""
    switch = widgets.UnfoldBooleanSwitchWidget().render(name, value is True, attrs)
    return switch + forms.HiddenInput().render(f"{name}-shown", "1")


def texts(values: Sequence[Any]) -> list[str]:
    return [str(value) for value in values]
