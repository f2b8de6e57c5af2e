from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminPasswordWidget,
    UnfoldBooleanSwitchWidget,
)

from providers import secrets
from providers.catalogue import Capability
from providers.models import LanguageModel, Provider


class ProviderForm(forms.ModelForm):
    """A provider with its key, which goes in and never comes out."""

    api_key = forms.CharField(
        label=_("API key"),
        required=False,
        max_length=2000,
        widget=UnfoldAdminPasswordWidget({"autocomplete": "new-password"}),
    )
    forget_key = forms.BooleanField(
        label=_("Remove the stored key"), required=False, widget=UnfoldBooleanSwitchWidget
    )
    add_models = forms.BooleanField(
        label=_("Add the vendor's current models"),
        required=False,
        initial=True,
        widget=UnfoldBooleanSwitchWidget,
    )

    class Meta:
        model = Provider
        fields = "__all__"  # noqa: DJ007  the admin's fieldsets choose

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "api_key" not in self.fields:
            return
        text = _("The key itself, or env:NAME_API_KEY to read it from the server's environment.")
        if self.instance.key_hint:
            stored = _("Stored: %(hint)s. Leave this empty to keep it.")
            text = f"{stored % {'hint': self.instance.key_hint}} {text}"
            self.fields["api_key"].widget.attrs["placeholder"] = self.instance.key_hint
        self.fields["api_key"].help_text = text

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        # Before the model's own clean(), which asks whether a changed address came with a key.
        cleaned = super().clean()
        key = cleaned.get("api_key", "")
        if key or cleaned.get("forget_key"):
            try:
                self.instance.set_key(key)
            except secrets.SecretError as error:
                self.add_error("api_key", str(error))
        return cleaned


class LanguageModelForm(forms.ModelForm):
    capabilities = forms.MultipleChoiceField(
        label=_("Capabilities"),
        choices=Capability.choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("What the model takes and can do; what it cannot is left out of its calls."),
    )

    class Meta:
        model = LanguageModel
        fields = "__all__"  # noqa: DJ007  the admin's fieldsets choose


class InlineModelForm(forms.ModelForm):
    """A model entered in its provider's page, with what the vendor's models can usually do."""

    class Meta:
        model = LanguageModel
        fields = (
            "name",
            "label",
            "context_tokens",
            "input_price",
            "output_price",
            "currency",
            "is_enabled",
        )

    def save(self, commit: bool = True) -> LanguageModel:
        if self.instance._state.adding:
            vendor = self.instance.provider.catalogue_entry
            self.instance.capabilities = list(vendor.model(self.instance.name).capabilities)
        return super().save(commit)
