"""The rows of an order in its form: parts of a whole, with shares and counts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold import widgets

from synthesis import share_rules
from synthesis.admin.order_views import FOLDER
from synthesis.admin.orders import OrderAdmin
from synthesis.content_rules import Problems
from synthesis.models.order import MOST_RECORDS
from synthesis.share_rules import RatioRefusedError

PREFIX = "categories"
MOST_ROWS = 1000  # in one form: those that were taken out leave a gap in the numbers


def share_field() -> forms.DecimalField:
    return forms.DecimalField(
        label=_("Share"),
        required=False,
        min_value=0,
        max_value=100,
        decimal_places=4,
        widget=widgets.UnfoldAdminDecimalFieldWidget({"step": "any", "min": "0", "max": "100"}),
    )


def count_field() -> forms.IntegerField:
    return forms.IntegerField(
        label=_("Count"),
        required=False,
        min_value=0,
        max_value=MOST_RECORDS,
        widget=widgets.UnfoldAdminIntegerFieldWidget({"min": "0"}),
    )


class Rows(forms.BaseFormSet, ABC):
    """The rows of the form; valid ones leave a plan. Rows without any input are no rows."""

    plan: Any
    # What Django's admin reads of every formset for its history.
    new_objects = changed_objects = deleted_objects = ()

    def __init__(self, *args: Any, instance: Any, **kwargs: Any) -> None:
        self.instance = instance
        super().__init__(*args, prefix=PREFIX, **kwargs)

    @abstractmethod
    def planned(self, rows: list[Any]) -> Any:
        """Return the plan with its total. Errors: RatioRefusedError."""

    @staticmethod
    @abstractmethod
    def stored(order: Any) -> list[dict[str, Any]]:
        """Return what the rows' inputs show of a stored order."""

    def clean(self) -> None:
        filled = [form for form in self.forms if form.has_changed()]
        try:
            self.plan = self.planned([form.row() for form in filled])
        except RatioRefusedError as error:
            for form, problems in zip(filled, error.rows, strict=False):
                add_problems(form, problems)
            if error.whole:
                sentences = [text for texts in error.whole.values() for text in texts]
                raise forms.ValidationError(sentences) from error


def add_problems(form: forms.Form, problems: Problems) -> None:
    """Show what the rules found, beside what the fields themselves refused."""
    for name, sentences in problems.items():
        if name not in form.errors:
            form.add_error(name, sentences)


def formset(form: type[forms.BaseForm], rows: type[Rows]) -> type[Rows]:
    return forms.formset_factory(
        form, formset=rows, extra=0, max_num=MOST_ROWS, absolute_max=MOST_ROWS
    )


def blank_rows() -> list[dict[str, Any]]:
    return [{"share": 50, "count": 50} for _row in range(2)]


def prefix_of(request: HttpRequest) -> str:
    """Return the prefix of the row that an address names. Errors: Http404."""
    number = request.GET.get("row", "").removeprefix(f"{PREFIX}-")
    if not number.isdecimal():
        raise Http404
    return f"{PREFIX}-{number}"


class RowsAdmin(OrderAdmin):
    rows_formset: ClassVar[type[Rows]]
    change_form_template = f"{FOLDER}/rows_form.html"

    class Media:
        js = ("synthesis/ratio.js",)

    def _create_formsets(
        self, request: HttpRequest, obj: Any, change: bool
    ) -> tuple[list[Rows], list[Any]]:
        """Give the form one formset of rows, which is no inline: a row is more than a model."""
        if request.method == "POST":
            rows = self.rows_formset(request.POST, instance=obj)
        else:
            stored = self.rows_formset.stored(obj) if change else []
            rows = self.rows_formset(instance=obj, initial=stored or blank_rows())
        request.rows_of_order = rows
        return [rows], []

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["rows"] = request.rows_of_order
        context["rows_template"] = f"{self.folder}/categories.html"
        context["row_template"] = f"{self.folder}/row.html"
        context["wrong_sum"] = share_rules.wrong_sum("{sum}")
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.total = request.rows_of_order.plan.total
        super().save_model(request, obj, form, change)
