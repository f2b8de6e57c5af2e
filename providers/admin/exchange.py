"""Language models as a file, without their provider's key or address."""

from __future__ import annotations

import json
from typing import Any

import tablib
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import BooleanField, DecimalField, Field, PositiveIntegerField
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from import_export import fields, resources, widgets
from import_export.admin import ImportExportModelAdmin
from import_export.formats.base_formats import JSON

from providers.models import LanguageModel, Provider
from providers.validation import check_storable


class FileRefusedError(ValueError):
    """The file cannot be read; its text tells the user why."""


class ExchangeAdmin(ImportExportModelAdmin):
    """Asks for permissions, where the library lets every member of staff in."""

    def has_import_permission(self, request: HttpRequest) -> bool:
        # A file both adds rows and overwrites those that are here.
        return self.has_add_permission(request) and self.has_change_permission(request)

    def has_export_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def add_data_read_fail_error_to_form(self, form: Any, error: Exception) -> None:
        if isinstance(error, FileRefusedError):
            form.add_error("import_file", str(error))
            return
        super().add_data_read_fail_error_to_form(form, error)


class StructureText(str):
    """A nested value as the text that a table's cell holds."""


class IndentedJSON(JSON):
    """JSON whose nested values stay JSON, with Chinese as it is."""

    def export_data(self, dataset: tablib.Dataset, **_kwargs: Any) -> str:
        rows = [
            {
                name: json.loads(cell) if isinstance(cell, StructureText) else cell
                for name, cell in row.items()
            }
            for row in dataset.dict
        ]
        return json.dumps(rows, ensure_ascii=False, indent=2, default=str)

    def create_dataset(self, in_stream: Any, **_kwargs: Any) -> tablib.Dataset:
        try:
            rows = json.loads(in_stream)
            check_storable(rows)
        except (ValueError, RecursionError) as error:
            raise FileRefusedError(
                _("The file is not JSON: %(error)s") % {"error": error}
            ) from error
        except ValidationError as error:
            raise FileRefusedError(error.message) from error
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise FileRefusedError(_("The file must hold a JSON list of objects."))
        headers = list(dict.fromkeys(name for row in rows for name in row))
        if not headers:
            raise FileRefusedError(_("The file holds no rows."))
        dataset = tablib.Dataset(headers=headers)
        for row in rows:
            dataset.append([row.get(name, "") for name in headers])
        return dataset


class StructureWidget(widgets.Widget):
    """A nested value: JSON itself in a JSON file, its text in a table."""

    def __init__(self, kind: type[dict] | type[list]) -> None:
        super().__init__()
        self.kind = kind

    def clean(self, value: Any, row: Any = None, **_kwargs: Any) -> Any:
        if value is None or value == "":
            return self.kind()
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except (ValueError, RecursionError) as error:
                raise ValueError(_("“%(text)s” is not JSON.") % {"text": value[:80]}) from error
            check_storable(value)
        if not isinstance(value, self.kind):
            raise ValueError(_("“%(text)s” has the wrong shape.") % {"text": str(value)[:80]})
        return value

    def render(self, value: Any, obj: Any = None, **_kwargs: Any) -> str:
        return StructureText(json.dumps(value, ensure_ascii=False))


class InWords:
    """Reads a cell by the rules of a form's field, whose refusals people understand."""

    field: forms.Field

    def clean(self, value: Any, row: Any = None, **_kwargs: Any) -> Any:
        try:
            return self.field.clean("" if value is None else str(value))
        except ValidationError as error:
            raise ValueError(" ".join(error.messages)) from error


class WholeNumberWidget(InWords, widgets.IntegerWidget):
    field = forms.IntegerField(required=False)


class PriceWidget(InWords, widgets.DecimalWidget):
    field = forms.DecimalField(required=False)


class SwitchWidget(widgets.BooleanWidget):
    """The library takes any other word for false."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        if value not in (*self.TRUE_VALUES, *self.FALSE_VALUES, *self.NULL_VALUES):
            raise ValueError(_("“%(text)s” is neither true nor false.") % {"text": value})
        return super().clean(value, row, **kwargs)


WIDGETS: dict[type[Field], type[widgets.Widget]] = {
    PositiveIntegerField: WholeNumberWidget,
    DecimalField: PriceWidget,
    BooleanField: SwitchWidget,
}


class LanguageModelResource(resources.ModelResource):
    provider = fields.Field(
        "provider", "provider", widget=widgets.ForeignKeyWidget(Provider, field="name")
    )
    capabilities = fields.Field("capabilities", "capabilities", widget=StructureWidget(list))
    default_parameters = fields.Field(
        "default_parameters", "default_parameters", widget=StructureWidget(dict)
    )

    class Meta:
        model = LanguageModel
        import_id_fields = ("provider", "name")
        fields = (
            "provider",
            "name",
            "label",
            "context_tokens",
            "max_output_tokens",
            "input_price",
            "output_price",
            "currency",
            "capabilities",
            "default_parameters",
            "is_enabled",
        )
        clean_model_instances = True
        skip_unchanged = True
        use_transactions = True

    @classmethod
    def widget_from_django_field(cls, f: Field, default: Any = widgets.Widget) -> Any:
        return WIDGETS.get(type(f)) or super().widget_from_django_field(f, default)

    def before_import_row(self, row: Any, **_kwargs: Any) -> None:
        """Refuse, in words, a provider that is not here: its key is never in a file."""
        name = row.get("provider")
        if not Provider.objects.filter(name=name).exists():
            raise ValidationError(
                _("There is no provider “%(name)s” here. Create it first."), params={"name": name}
            )
