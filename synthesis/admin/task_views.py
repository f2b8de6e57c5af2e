"""The pages and fragments of tasks beside Django's own."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold import widgets
from unfold.forms import BaseDialogForm

from synthesis import copying
from synthesis.admin import downloads, navigation, progress, task_page
from synthesis.admin.commands import COMMANDS
from synthesis.errors import SynthesisError
from synthesis.export import TooManyColumnsError
from synthesis.models import Dataset, Record, SynthesisTask

MOST_ROWS_POLLED = 200


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


class TaskViews:
    """Custom views of the task admin; each checks the permission that it needs."""

    def get_urls(self) -> list[URLPattern]:
        views = (
            ("rows/", self.rows_view, "rows"),
            ("variables/", self.variables_view, "variables"),
            ("<int:object_id>/overview/", self.overview_view, "overview"),
            ("<int:object_id>/records/", self.records_view, "records"),
            ("<int:object_id>/clone/", self.clone_view, "clone"),
            ("<int:object_id>/copy/", self.copy_view, "copy"),
            ("<int:object_id>/download/<str:format>/", self.download_view, "download"),
            ("<int:object_id>/command/<str:name>/", self.command_view, "command"),
        )
        return [
            path(
                route,
                self.admin_site.admin_view(view),
                name=f"synthesis_synthesistask_{name}",
            )
            for route, view, name in views
        ] + super().get_urls()

    def found(self, request: HttpRequest, object_id: Any, permission: str) -> SynthesisTask:
        """Return the task.

        Errors: PermissionDenied; Http404.
        """
        task = self.get_object(request, str(object_id))
        if not getattr(self, f"has_{permission}_permission")(request, task):
            raise PermissionDenied
        if task is None:
            raise Http404
        return task

    # Pages and fragments that only show

    def task_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        task = self.found(request, object_id, "view")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            "title": task.name,
            "original": task,
            "configuration": task_page.configuration(task),
            "can_add": self.has_add_permission(request),
            "can_delete": self.has_delete_permission(request, task),
            **self.overview_context(request, task),
            **self.records_context(request, task),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/synthesis/synthesistask/page.html", context)

    def overview_context(self, request: HttpRequest, task: SynthesisTask) -> dict[str, Any]:
        can_change = self.has_change_permission(request, task)
        return {**task_page.overview(task), "can_change": can_change}

    def records_context(self, request: HttpRequest, task: SynthesisTask) -> dict[str, Any]:
        return {
            "task": task,
            "can_copy": request.user.has_perm("synthesis.add_record"),
            "records": task_page.newest_records(task),
            "formats": downloads.formats(),
        }

    def overview_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Answer the page's poll; the last answer stops it and reloads the records."""
        task = self.found(request, object_id, "view")
        context = self.overview_context(request, task)
        run = task.latest_run
        is_active = run is not None and run.is_active
        response = render(request, "admin/synthesis/synthesistask/overview.html", context)
        if not is_active:
            response.status_code = progress.POLLING_ENDED
        if run and (not is_active or run.accepted <= task_page.RECORDS_SHOWN):
            response["HX-Trigger"] = "records-made"
        return response

    def records_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        task = self.found(request, object_id, "view")
        context = self.records_context(request, task)
        return render(request, "admin/synthesis/synthesistask/records.html", context)

    def rows_view(self, request: HttpRequest) -> HttpResponse:
        """Answer the list's poll with the cells of its running tasks. Cost: one query."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        ids = [text for text in request.GET.get("ids", "").split(",") if text.isdecimal()]
        tasks = list(self.get_queryset(request).filter(pk__in=ids[:MOST_ROWS_POLLED]))
        allowed = {
            "can_change": self.has_change_permission(request),
            "can_add": self.has_add_permission(request),
        }
        cells = [
            progress.cell(name, task, **allowed, is_swap=True)
            for task in tasks
            for name in progress.CELLS
        ]
        is_active = any(task.latest_run and task.latest_run.is_active for task in tasks)
        return HttpResponse("".join(cells), status=200 if is_active else progress.POLLING_ENDED)

    def variables_view(self, request: HttpRequest) -> HttpResponse:
        """Show the inputs of the chosen template, with what was typed so far."""
        if not (self.has_add_permission(request) or self.has_change_permission(request)):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        task = self.get_object(request, request.GET.get("task", ""))
        form = self.get_form(request, task)(data=request.POST, instance=task)
        return HttpResponse(form["values"].as_widget())

    def download_view(self, request: HttpRequest, object_id: int, format: str) -> HttpResponse:
        task = self.found(request, object_id, "view")
        records = downloads.chosen(Record.objects.for_task(task.pk), request.GET.get("records"))
        try:
            return downloads.download(records, task.dataset, format, request.user)
        except TooManyColumnsError as error:
            messages.error(request, str(error))
            return redirect(self.page_url(task))

    # What changes something

    def command_view(self, request: HttpRequest, object_id: int, name: str) -> HttpResponse:
        task = self.found(request, object_id, "change")
        command = COMMANDS.get(name)
        if command is None:
            raise Http404
        if request.method == "GET" and command.confirmation:
            context = {"task": task, "command": command}
            return render(request, "admin/synthesis/synthesistask/confirm.html", context)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            text = command.run(task, request.user)
        except SynthesisError as error:
            messages.error(request, str(error))
        else:
            self.log_change(request, task, str(command.label))
            messages.success(request, text)
        return self.back(request, task)

    def clone_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        task = self.found(request, object_id, "view")
        if not self.has_add_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        copy = task.clone(request.user)
        self.log_addition(request, copy, gettext("Cloned"))
        messages.success(
            request,
            gettext("This is a copy of %(task)s. Change what you want, then start it.")
            % {"task": task},
        )
        return redirect(self.page_url(copy))

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
        return self.back(request, task)

    def back(self, request: HttpRequest, task: SynthesisTask) -> HttpResponse:
        """Return to the page that the button was on."""
        return navigation.back(request, self.page_url(task))
