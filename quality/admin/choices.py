"""The policy of a task and of a dataset, on their own pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline
from unfold.widgets import UnfoldAdminSelectWidget

from quality.models import DatasetQuality, QualityPolicy, TaskQuality
from synthesis.admin import ratio_form
from synthesis.admin.datasets import DatasetAdmin
from synthesis.admin.imports import ImportAdmin, ImportForm
from synthesis.admin.tasks import TaskAdmin
from synthesis.models import SynthesisTask


class FollowsItsParent:
    """Whoever may work on the task or dataset may choose its policy."""

    hide_title = True
    can_delete = False
    max_num = 1

    def get_extra(self, _request: HttpRequest, obj: Any = None, **_kwargs: Any) -> int:
        return 1

    def has_view_permission(self, request: HttpRequest, _obj: Any = None) -> bool:
        return request.user.has_perm(f"synthesis.view_{self.parent_name}")

    def has_change_permission(self, request: HttpRequest, _obj: Any = None) -> bool:
        return request.user.has_perm(f"synthesis.change_{self.parent_name}")

    def has_add_permission(self, request: HttpRequest, _obj: Any = None) -> bool:
        may_add = request.user.has_perm(f"synthesis.add_{self.parent_name}")
        return may_add or self.has_change_permission(request)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        if db_field.name == "policy":
            field.empty_label = _("The default policy")
        return field

    @property
    def parent_name(self) -> str:
        return str(self.parent_model._meta.model_name)


class TaskQualityInline(FollowsItsParent, StackedInline):
    model = TaskQuality
    fields = (
        "policy",
        "duplicate_threshold",
        ("minimum_score", "judge_threshold"),
        "other_datasets",
    )
    autocomplete_fields = ("other_datasets",)


class DatasetQualityInline(FollowsItsParent, StackedInline):
    model = DatasetQuality
    fields = ("policy",)


class CheckedImportForm(ImportForm):
    """An import names the policy that its rows are checked by; the dataset keeps it."""

    policy = forms.ModelChoiceField(
        QualityPolicy.objects.all(),
        label=_("Quality policy"),
        required=False,
        empty_label=_("As the dataset has it, else the default policy"),
        widget=UnfoldAdminSelectWidget,
        help_text=_("What the rows are checked for. The dataset keeps it for later imports."),
    )

    def save(self, commit: bool = True) -> Any:
        if self.cleaned_data["policy"]:
            DatasetQuality.objects.update_or_create(
                dataset=self.cleaned_data["target"],
                defaults={"policy": self.cleaned_data["policy"]},
            )
        return super().save(commit)


TaskAdmin.inlines = [*TaskAdmin.inlines, TaskQualityInline]
DatasetAdmin.inlines = [*DatasetAdmin.inlines, DatasetQualityInline]
ImportAdmin.form = CheckedImportForm
ImportAdmin.add_fields = (*ImportAdmin.add_fields, "policy")


def policy_of(task: SynthesisTask) -> int | None:
    wanted = TaskQuality.objects.filter(task=task).first()
    return wanted.policy_id if wanted else None


def choose_policy(task: SynthesisTask, policy: QualityPolicy | None) -> None:
    TaskQuality.objects.update_or_create(task=task, defaults={"policy": policy})


ratio_form.extend(
    "policy",
    ratio_form.Part(
        field=forms.ModelChoiceField(
            QualityPolicy.objects.all(),
            label=_("Quality policy"),
            required=False,
            empty_label=_("The default policy"),
            widget=UnfoldAdminSelectWidget,
            help_text=_("What every record of the next run is checked for."),
        ),
        read=policy_of,
        store=choose_policy,
    ),
)
