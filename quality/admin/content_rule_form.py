"""The form of a content rule: words can be typed, pasted or uploaded."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold import widgets

from quality.content import DataType, wordlists
from quality.models import ContentRule
from synthesis.expectations import CHOICES as LANGUAGE_CHOICES

# A longer list would make the page heavy; what is typed there is added to it instead.
MOST_WORDS_SHOWN = 2_000


class ContentRuleForm(forms.ModelForm):
    word_file = forms.FileField(
        label=_("Word file"),
        required=False,
        allow_empty_file=True,
        widget=widgets.UnfoldAdminFileFieldWidget({"accept": ".txt,.csv"}),
        help_text=_(
            "A .txt or .csv file in UTF-8, UTF-16 or GBK, one word a line; its words are added."
        ),
    )
    replace_words = forms.BooleanField(
        label=_("Replace the list"),
        required=False,
        widget=widgets.UnfoldBooleanSwitchWidget,
        help_text=_("Drop the words that are stored before the new ones are taken."),
    )
    data_types = forms.MultipleChoiceField(
        label=_("Kinds of data"),
        choices=DataType.choices,
        required=False,
        widget=widgets.UnfoldAdminCheckboxSelectMultipleWidget,
    )
    languages = forms.MultipleChoiceField(
        label=_("Allowed languages"),
        choices=LANGUAGE_CHOICES,
        required=False,
        widget=widgets.UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("None chosen: the language of the prompt."),
    )

    class Meta:
        model = ContentRule
        fields = (
            "name",
            "description",
            "kind",
            "default_action",
            "words",
            "expression",
            "data_types",
            "languages",
        )

    # How many words the file brought, and how many of them the list had already.
    added = repeated = 0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stored = self.instance.words
        self.is_long = self.instance.words_count > MOST_WORDS_SHOWN
        if self.is_long and "words" in self.fields:
            self.initial["words"] = ""
            note = _("The list has %(count)s words, too many to show: what you write is added.")
            self.fields["words"].help_text = note % {"count": f"{self.instance.words_count:,}"}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("kind") != "words":
            return cleaned
        typed = cleaned.get("words", "").splitlines()
        kept = self.stored if self.is_long and not cleaned.get("replace_words") else ""
        if cleaned.get("replace_words") and cleaned.get("word_file"):
            typed = []
        try:
            uploaded = self.uploaded_words()
            if typed or uploaded:
                self.take(kept, typed, uploaded)
            else:
                cleaned["words"] = kept
        except wordlists.WordListError as error:
            self.add_error("word_file" if cleaned.get("word_file") else "words", str(error))
        return cleaned

    def uploaded_words(self) -> list[str]:
        file = self.cleaned_data.get("word_file")
        if file is None:
            return []
        return wordlists.read(file.name, file.read(wordlists.MOST_BYTES + 1))

    def take(self, kept: str, typed: list[str], uploaded: list[str]) -> None:
        words = "\n".join([*kept.splitlines(), *typed])
        if uploaded:
            words, self.repeated = wordlists.add(words, uploaded)
            self.added = len(uploaded) - self.repeated
        self.cleaned_data["words"] = words
