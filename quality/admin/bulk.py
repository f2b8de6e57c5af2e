"""One decision about every record that fits a filter, however many they are."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold import widgets

from quality import review
from quality.admin.matches import matches
from quality.models import ReviewEvent
from synthesis.models import Record

Action = ReviewEvent.Action
ACTIONS = (
    (Action.APPROVED, _("Approve")),
    (Action.REJECTED, _("Reject")),
    (Action.ASSIGNED, _("Assign")),
    (Action.RESET, _("Take the decisions back")),
)
# What an address says beside the filter.
OWN = ("action",)


class OrderForm(forms.Form):
    """What to do, with the reason of a rejection or the reviewer of an assignment."""

    action = forms.ChoiceField(choices=ACTIONS, widget=forms.HiddenInput)
    note = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=1000,
        widget=widgets.UnfoldAdminTextInputWidget,
    )
    # One of the usual reasons, as the button that was pressed.
    quick = forms.CharField(required=False, max_length=1000)
    assignee = forms.ModelChoiceField(
        None,
        label=_("Assign to"),
        required=False,
        empty_label=_("Nobody"),
        widget=widgets.UnfoldAdminSelectWidget,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assignee"].queryset = review.reviewers()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        cleaned["note"] = cleaned.get("note") or cleaned.get("quick", "")
        if cleaned.get("action") == Action.REJECTED and not cleaned.get("note"):
            self.add_error("note", _("Say why: whoever mends the template needs to know."))
        return cleaned

    @property
    def sentence(self) -> str:
        return " ".join(str(problem) for problems in self.errors.values() for problem in problems)

    def order(self, user: Any) -> review.Order:
        return review.Order(
            action=self.cleaned_data["action"],
            user=user,
            note=self.cleaned_data["note"],
            assignee=self.cleaned_data["assignee"],
        )


class ProgressForm(forms.Form):
    """How far an order has come; the page posts it back until nothing is left."""

    until = forms.IntegerField(min_value=0)
    after = forms.IntegerField(min_value=0)
    total = forms.IntegerField(min_value=0)
    changed = forms.IntegerField(min_value=0)
    no_content = forms.IntegerField(min_value=0)
    same_as_accepted = forms.IntegerField(min_value=0)


def answer(admin: Any, request: HttpRequest) -> dict[str, Any] | HttpResponse:
    """Ask, or carry out for some seconds and show how far it has come.

    Errors: IncorrectLookupParameters.
    """
    action = (request.POST or request.GET).get("action", "")
    if action not in LABELS:
        action = Action.APPROVED
    names_review = any(name.startswith("review") for name in request.GET)
    chosen = matches(admin, request, OWN)
    records = review.affected(chosen, action, names_review=names_review)
    form = OrderForm(request.POST or {"action": action})
    progress = ProgressForm(request.POST)
    if request.method == "POST" and form.is_valid() and progress.is_valid():
        return carried_out(request, records, form, progress.cleaned_data)
    if request.method != "POST":
        form.errors.clear()
    return {**question(records), **page(request, form, action), "names_review": names_review}


def page(request: HttpRequest, form: OrderForm, action: str) -> dict[str, Any]:
    query = request.GET.copy()
    query.pop("action", None)
    return {
        "form": form,
        "action": action,
        "label": LABELS[action],
        "actions": [(value, label, f"?{link(query, value)}") for value, label in ACTIONS],
        "list_query": query.urlencode(),
    }


def link(query: QueryDict, action: str) -> str:
    changed = query.copy()
    changed["action"] = action
    return str(changed.urlencode())


def question(records: QuerySet[Record]) -> dict[str, Any]:
    """Count exactly what the order would meet, up to the newest record of now."""
    until = review.latest_id(records)
    total = records.filter(pk__lte=until).count()
    start = {"until": until, "total": total, "after": 0, "changed": 0}
    return {"total": total, "progress": {**start, "no_content": 0, "same_as_accepted": 0}}


def carried_out(
    request: HttpRequest, records: QuerySet[Record], form: OrderForm, progress: dict[str, int]
) -> dict[str, Any] | HttpResponse:
    """Go on with an order; the answer is a page that goes on, or at the end the list."""
    made = review.decide_all(
        records, form.order(request.user), until=progress["until"], after=progress["after"]
    )
    progress["changed"] += made.changed
    for code, number in made.refused.items():
        progress[code] += number
    action = form.cleaned_data["action"]
    shown = page(request, form, action)
    if made.after is not None:
        progress["after"] = made.after
        return {**shown, "total": progress["total"], "progress": progress, "is_at_work": True}
    tell(request, action, progress)
    return redirect(f"{reverse('admin:synthesis_record_changelist')}?{shown['list_query']}")


def tell(request: HttpRequest, action: str, progress: dict[str, int]) -> None:
    changed = progress["changed"]
    messages.success(
        request,
        ngettext("%(label)s: %(count)s record.", "%(label)s: %(count)s records.", changed)
        % {"label": LABELS[action], "count": changed},
    )
    for code, sentence in REFUSALS.items():
        if progress[code]:
            messages.warning(request, sentence % {"count": progress[code]})


LABELS = {str(value): label for value, label in ACTIONS}
REFUSALS = {
    "no_content": _("%(count)s records hold nothing that could be approved; edit or reject them."),
    "same_as_accepted": _(
        "%(count)s records have the same content as an accepted one, and cannot be accepted too."
    ),
}
