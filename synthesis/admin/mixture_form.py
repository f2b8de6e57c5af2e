"""The form that creates a mixture, and changes one that is not complete."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold import widgets

from synthesis import mixture_rules
from synthesis.admin.dataset_choice import DatasetChoice
from synthesis.admin.rows import Rows, count_field, formset, share_field
from synthesis.models import Dataset, Mixture, MixtureRow, Record

RANGES = [name for pair in mixture_rules.RANGES for name in pair]
FILTERS = ("category", *RANGES, "review", "field", "text", "is_whole")
SCORE = {"step": "any", "min": "0", "max": "100"}
# Of accepted records: those that people rejected are none.
REVIEWS = [
    ("", _("any")),
    *(choice for choice in Record.Review.choices if choice[0] != Record.Review.REJECTED),
]


class DateWidget(widgets.UnfoldAdminTextInputWidget):
    """The browser's own: the admin's calendar does not reach rows that are added later."""

    input_type = "date"


class MixtureForm(DatasetChoice, forms.ModelForm):
    class Meta:
        model = Mixture
        fields = (
            "name",
            "description",
            "total",
            "split",
            "accepts_shortage",
            "seed",
            "output_format",
        )
        widgets = {"description": widgets.UnfoldAdminTextareaWidget({"rows": 3})}
        help_texts = {"seed": _("The same seed draws the same records from the same sources.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial.setdefault("existing_dataset", self.instance.dataset_id)

    def clean(self) -> dict[str, Any]:
        """Check the dataset; the rows are compared with it, and so it stands on the mixture."""
        cleaned = super().clean()
        self.check_dataset(cleaned)
        self.instance.dataset_id = None
        if not cleaned.get("new_dataset"):
            self.instance.dataset = cleaned.get("existing_dataset")
        return cleaned


class RowForm(forms.ModelForm):
    """One row; what it means beside the other rows is the formset's to judge."""

    source = forms.ModelChoiceField(
        Dataset.objects.all(),
        label=_("Dataset"),
        required=False,
        empty_label=_("Select value"),
        widget=widgets.UnfoldAdminSelectWidget,
    )
    share = share_field()
    count = count_field()
    review = forms.ChoiceField(
        label=_("Review"),
        choices=REVIEWS,
        required=False,
        widget=widgets.UnfoldAdminSelectWidget,
    )

    class Meta:
        model = MixtureRow
        fields = ("source", "label", "share", "count", *FILTERS)
        widgets = {
            **dict.fromkeys(
                ("label", "category", "field", "text"), widgets.UnfoldAdminTextInputWidget
            ),
            **{
                name: widgets.UnfoldAdminDecimalFieldWidget(SCORE)
                for name in RANGES
                if not name.startswith("created")
            },
            "created_from": DateWidget,
            "created_to": DateWidget,
            "is_whole": widgets.UnfoldBooleanWidget,
        }

    def filters(self) -> list[forms.BoundField]:
        return [self[name] for name in FILTERS]

    @property
    def has_filters(self) -> bool:
        return any(field.value() or field.errors for field in self.filters())

    def row(self) -> MixtureRow:
        return self.instance


class MixtureRows(Rows):
    plan: mixture_rules.Plan

    def planned(self, rows: list[MixtureRow]) -> mixture_rules.Plan:
        return mixture_rules.plan(self.instance, rows)

    @staticmethod
    def stored(order: Mixture) -> list[dict[str, Any]]:
        return [stored_row(row) for row in order.rows.all()]


MixtureFormSet = formset(RowForm, MixtureRows)


def stored_row(row: MixtureRow) -> dict[str, Any]:
    """Return what the row's inputs show of a stored row."""
    shown = forms.model_to_dict(row, RowForm.Meta.fields)
    return {**shown, "share": f"{row.share.normalize():f}"}
