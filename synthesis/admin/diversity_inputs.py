"""The inputs of a task about what its prompts show of the dataset."""

from __future__ import annotations

from django import forms


class DiversityInputs(forms.ModelForm):
    """Left empty, an input asks for none."""

    def clean_avoid_count(self) -> int:
        return self.cleaned_data["avoid_count"] or 0

    def clean_example_count(self) -> int:
        return self.cleaned_data["example_count"] or 0
