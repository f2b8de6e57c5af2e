"""Where the records of a task go: a dataset that exists, or one that is created with the task."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold import widgets

from synthesis.models import Dataset


class DatasetChoice(forms.Form):
    existing_dataset = forms.ModelChoiceField(
        Dataset.objects.all(),
        label=_("Existing dataset"),
        required=False,
        empty_label=_("None: a new one is created"),
        widget=widgets.UnfoldAdminSelectWidget,
        help_text=_("The records are added to it; duplicates of what it holds are not accepted."),
    )
    new_dataset = forms.CharField(
        label=_("New dataset"),
        required=False,
        max_length=200,
        widget=widgets.UnfoldAdminTextInputWidget,
        help_text=_("Name of a dataset to create. Both left empty: named after the task."),
    )

    def check_dataset(self, cleaned: dict[str, Any]) -> None:
        name = cleaned.get("new_dataset")
        if not name:
            return
        chosen = cleaned.get("existing_dataset")
        if chosen and chosen.pk != self.initial.get("existing_dataset"):
            self.add_error("new_dataset", _("Choose a dataset or name a new one, not both."))
        elif Dataset.objects.filter(name=name).exists():
            self.add_error(
                "new_dataset",
                _("There is a dataset of this name already; choose it from the list."),
            )

    def target_dataset(self, user: Any) -> Dataset:
        """Return the chosen dataset, or create the one that was named."""
        chosen, name = self.cleaned_data["existing_dataset"], self.cleaned_data["new_dataset"]
        if chosen and not name:
            return chosen
        return Dataset.named_after(name or self.cleaned_data["name"], user)
