"""The pages and fragments of tasks beside Django's own."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold import widgets
from unfold.forms import BaseDialogForm

from providers.admin.pages import View
from synthesis import copying
from synthesis.admin import commands, navigation, task_page
from synthesis.admin.order_views import VariablesViews
from synthesis.models import Dataset, Record, SynthesisTask


class CopyForm(BaseDialogForm):
    existing_dataset = forms.ModelChoiceField(
        Dataset.objects.all(),
        label=_("Existing dataset"),
        required=False,
        empty_label=_("Select value"),
        widget=widgets.UnfoldAdminSelectWidget,
    )
    new_dataset = forms.CharField(
        label=_("Or a new dataset"),
        required=False,
        max_length=200,
        widget=widgets.UnfoldAdminTextInputWidget,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.request.user.has_perm("synthesis.add_dataset"):
            del self.fields["new_dataset"]
            self.fields["existing_dataset"].required = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "new_dataset" not in self.fields:
            return cleaned
        name = cleaned.get("new_dataset")
        if bool(name) == bool(cleaned.get("existing_dataset")):
            self.add_error("existing_dataset", _("Choose a dataset, or name a new one."))
        elif name and Dataset.objects.filter(name=name).exists():
            self.add_error(
                "new_dataset",
                _("There is a dataset of this name already; choose it from the list."),
            )
        return cleaned


class TaskViews(VariablesViews):
    """The pages and fragments that only tasks of one template have."""

    page = task_page
    commands = commands

    def views(self) -> list[tuple[str, View, str]]:
        return [
            *super().views(),
            ("target/", require_POST(self.target_view), "target"),
            ("<int:object_id>/copy/", self.copy_view, "copy"),
        ]

    def page_context(self, task: SynthesisTask) -> dict[str, Any]:
        return {"configuration": task_page.configuration(task)}

    def records_context(self, request: HttpRequest, task: SynthesisTask) -> dict[str, Any]:
        can_copy = request.user.has_perm("synthesis.add_record")
        return {**super().records_context(request, task), "can_copy": can_copy}

    def variables_form(self, request: HttpRequest) -> forms.ModelForm:
        task = self.get_object(request, request.GET.get("task", ""))
        return self.get_form(request, task)(data=request.POST, instance=task)

    def target_view(self, request: HttpRequest) -> HttpResponse:
        """Show the records wanted: an input, or what the chosen source makes up."""
        self.check_ordering(request)
        bound = self.variables_form(request)["target_count"]
        attrs = bound.build_widget_attrs({"id": bound.auto_id})
        parts = bound.field.widget.render_parts(bound.html_name, bound.data, attrs)
        return HttpResponse(parts)

    def copy_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Copy the task's accepted records into another dataset."""
        task = self.found(request, object_id, "view")
        if not request.user.has_perm("synthesis.add_record"):
            raise PermissionDenied
        form = CopyForm(data=request.POST or None, request=request, object_id=object_id)
        if request.method != "POST" or not form.is_valid():
            dialog = {
                "title": _("Export to a dataset"),
                "description": _(
                    "Copies the accepted records of this task. What the dataset holds already"
                    " is kept as a duplicate and not counted."
                ),
            }
            context = {"dialog": dialog, "form": form, "form_submit_text": _("Copy")}
            return render(request, "unfold/helpers/dialog.html", context)
        chosen = form.cleaned_data["existing_dataset"]
        dataset = chosen or Dataset.named_after(form.cleaned_data["new_dataset"], request.user)
        counts = copying.copy(Record.objects.for_task(task.pk).accepted(), dataset)
        text = gettext("%(accepted)s records were copied to %(dataset)s; %(others)s were not new.")
        accepted = counts[Record.Status.ACCEPTED]
        others = counts.total() - accepted
        messages.success(
            request, text % {"accepted": accepted, "dataset": dataset, "others": others}
        )
        return navigation.back(request, self.page_url(task))
