"""The form of a policy: a choice for each content rule, a number for each part of the score."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminSelectWidget

from quality.content import MASKABLE, Action
from quality.models import ContentRule, QualityPolicy
from quality.scoring import PARTS, Weights, words

OFF = ("", _("off"))
OWN = ("rules", "weights")  # which have inputs of their own for each rule and each part


def rule_field(rule: ContentRule) -> forms.ChoiceField:
    """Offer what can be done about what a rule finds."""
    can_mask = rule.kind in MASKABLE
    choices = [choice for choice in Action.choices if can_mask or choice[0] != Action.MASK]
    return forms.ChoiceField(
        choices=[OFF, *choices],
        label=str(rule),
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=rule.shown_description,
    )


def weight_field(part: str, usual: float) -> forms.FloatField:
    return forms.FloatField(
        label=capfirst(words.LABELS[part]),
        min_value=0,
        required=False,
        widget=UnfoldAdminDecimalFieldWidget({"step": "any", "placeholder": f"{usual:g}"}),
        help_text=words.EXPLANATIONS[part],
    )


class PolicyForm(forms.ModelForm):
    class Meta:
        model = QualityPolicy
        fields = (
            "name",
            "description",
            "is_default",
            *(name.removesuffix("_id") for name in QualityPolicy.CONTENT_FIELDS if name not in OWN),
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = {row["rule"]: row["action"] for row in self.instance.rules}
        for rule in ContentRule.objects.all():
            self.fields[f"rule_{rule.pk}"] = rule_field(rule)
            self.initial[f"rule_{rule.pk}"] = chosen.get(rule.pk, "")
        usual = vars(Weights())
        for part in PARTS:
            self.fields[f"weight_{part}"] = weight_field(part, usual[part])
            self.initial[f"weight_{part}"] = self.instance.weights.get(part)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self.instance.rules = [
            {"rule": int(name.removeprefix("rule_")), "action": action}
            for name, action in cleaned.items()
            if name.startswith("rule_") and action
        ]
        self.instance.weights = {
            name.removeprefix("weight_"): weight
            for name, weight in cleaned.items()
            if name.startswith("weight_") and weight is not None
        }
        return cleaned

    def _update_errors(self, errors: forms.ValidationError) -> None:
        """Show what the model says about rules and weights above the form."""
        found = getattr(errors, "error_dict", {})
        for name in OWN:
            if name in found:
                found.setdefault("__all__", []).extend(found.pop(name))
        super()._update_errors(errors)
