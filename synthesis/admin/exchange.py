"""Templates with their versions as a file that another installation can read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from import_export import fields, resources, widgets

from providers.admin.exchange import StructureText, StructureWidget
from providers.models import LanguageModel
from synthesis import content_rules
from synthesis.models import PromptTemplate, TemplateVersion

STRUCTURES = {
    "variables": list,
    "output_schema": dict,
    "examples": list,
    "parameters": dict,
    "code_fields": dict,
    "compared_fields": list,
    "steps": list,
}
TEXTS = ("system_prompt", "prompt", "preset", "expected_language")


class ModelNameWidget(widgets.Widget):
    """A model by the names of its provider and itself; empty where this house lacks it."""

    structure = StructureWidget(dict)

    def clean(self, value: Any, row: Any = None, **_kwargs: Any) -> LanguageModel | None:
        return find_model(self.structure.clean(value))

    def render(self, value: LanguageModel | None, obj: Any = None, **_kwargs: Any) -> str:
        return self.structure.render(model_name(value)) if value else StructureText("null")


class TemplateResource(resources.ModelResource):
    variables = fields.Field("variables", "variables", widget=StructureWidget(list))
    output_schema = fields.Field("output_schema", "output_schema", widget=StructureWidget(dict))
    examples = fields.Field("examples", "examples", widget=StructureWidget(list))
    parameters = fields.Field("parameters", "parameters", widget=StructureWidget(dict))
    code_fields = fields.Field("code_fields", "code_fields", widget=StructureWidget(dict))
    compared_fields = fields.Field(
        "compared_fields", "compared_fields", widget=StructureWidget(list)
    )
    steps = fields.Field("steps", "steps", widget=StructureWidget(list))
    language_model = fields.Field("language_model", "language_model", widget=ModelNameWidget())
    versions = fields.Field(column_name="versions", readonly=True, widget=StructureWidget(list))

    class Meta:
        model = PromptTemplate
        import_id_fields = ("name",)
        fields = (
            "name",
            "description",
            "type",
            "is_enabled",
            *TEXTS,
            *STRUCTURES,
            "language_model",
            "versions",
        )
        clean_model_instances = True
        skip_unchanged = True
        use_transactions = True

    def filter_export(self, queryset: QuerySet[PromptTemplate], **_kwargs: Any) -> QuerySet:
        return queryset.select_related("language_model__provider").prefetch_related(
            "versions__language_model__provider"
        )

    def dehydrate_versions(self, template: PromptTemplate) -> list[dict[str, Any]]:
        versions = sorted(template.versions.all(), key=lambda version: version.number)
        return [exported(version) for version in versions]

    def before_save_instance(self, instance: PromptTemplate, row: Any, **kwargs: Any) -> None:
        """Read the versions before anything is written; a template that is here keeps its own."""
        try:
            rows = StructureWidget(list).clean(row.get("versions"))
        except ValueError as error:
            raise ValidationError(str(error)) from error
        if not instance._state.adding:
            rows = []
        instance.history = [imported(number, entry) for number, entry in enumerate(rows, start=1)]

    def after_save_instance(self, instance: PromptTemplate, row: Any, **kwargs: Any) -> None:
        if instance.history:
            instance.put_history(instance.history)


def exported(version: TemplateVersion) -> dict[str, Any]:
    content = {name: getattr(version, name) for name in (*TEXTS, *STRUCTURES)}
    model = version.language_model
    return {
        "number": version.number,
        **content,
        "language_model": model_name(model) if model else None,
    }


def imported(number: int, row: Any) -> TemplateVersion:
    """Read one version of the file.

    Errors: ValidationError with a sentence when it could not be a version.
    """
    if not isinstance(row, Mapping):
        raise ValidationError(_("Each version must be a JSON object."))
    content = {name: row.get(name) or "" for name in TEXTS}
    content |= {name: row.get(name) or kind() for name, kind in STRUCTURES.items()}
    problems = content_rules.problems(content)
    if problems:
        sentences = " ".join(sentence for found in problems.values() for sentence in found)
        raise ValidationError(
            _("Version %(number)d: %(problems)s") % {"number": number, "problems": sentences}
        )
    model = find_model(row.get("language_model") or {})
    return TemplateVersion(number=number, language_model=model, **content)


def find_model(names: Mapping[str, Any]) -> LanguageModel | None:
    if not names:
        return None
    return LanguageModel.objects.filter(
        provider__name=names.get("provider"), name=names.get("name")
    ).first()


def model_name(model: LanguageModel) -> dict[str, str]:
    return {"provider": model.provider.name, "name": model.name}
