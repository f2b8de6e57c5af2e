"""Several models with weights as a single form field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold import widgets

from providers.models import LanguageModel

HIGHEST_WEIGHT = 1000
Pairs = list[tuple[str, str]]


class MixWidget(forms.Widget):
    """Pairs of a model and its weight, with an empty one for the next; all have one name."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        given = list(value.items()) if isinstance(value, Mapping) else list(value or [])
        models = LanguageModel.objects.select_related("provider").filter(is_enabled=True)
        options = [("", _("Select value")), *((str(row.pk), str(row)) for row in models)]
        select = widgets.UnfoldAdminSelectWidget(choices=options)
        pairs = [
            (select.render(f"{name}-model", str(model)), weight)
            for model, weight in [*given, ("", 1)]
        ]
        context = {"name": name, "pairs": pairs, "highest": HIGHEST_WEIGHT}
        return render_to_string("admin/synthesis/ratiotask/mix.html", context)

    def value_from_datadict(self, data: Any, _files: Any, name: str) -> Pairs:
        read = data.getlist if hasattr(data, "getlist") else lambda key: data.get(key, [])
        pairs = zip(read(f"{name}-model"), read(f"{name}-weight"), strict=False)
        return [(model, weight) for model, weight in pairs if model]

    def value_omitted_from_data(self, _data: Any, _files: Any, _name: str) -> bool:
        return False

    def id_for_label(self, _id: str) -> str:
        return ""


class MixField(forms.Field):
    """The weights of the models that were chosen, by the models' numbers."""

    widget = MixWidget

    def clean(self, value: Pairs) -> dict[int, int]:
        known = {str(pk) for pk in LanguageModel.objects.values_list("pk", flat=True)}
        mix: dict[int, int] = {}
        for model, weight in value:
            if model not in known:
                raise forms.ValidationError(_("Choose a model from the list."))
            if int(model) in mix:
                text = _("Each model stands once in the mix; give it a weight.")
                raise forms.ValidationError(text)
            mix[int(model)] = self.weight_of(weight)
        return mix

    def weight_of(self, text: str) -> int:
        if not text.isdecimal() or not 1 <= int(text) <= HIGHEST_WEIGHT:
            raise forms.ValidationError(_("A weight is a whole number from 1 to 1000."))
        return int(text)

    def has_changed(self, initial: Any, data: Pairs) -> bool:
        before = {str(model): str(weight) for model, weight in (initial or {}).items()}
        return before != dict(data)
