"""What a client sends to order records."""

from __future__ import annotations

from typing import Any, Protocol

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers

from providers.api.serializers import ValidatedSerializer
from providers.models import LanguageModel
from synthesis.models import Dataset, PromptTemplate, SynthesisTask

MODEL_OR_MODELS = gettext_lazy("Give language_model or models, not both.")
ONE_DATASET = gettext_lazy("Give dataset or dataset_name, not both.")


class OrderPart(Protocol):
    """A serializer of what another app keeps of an order."""

    prefetched: tuple[str, ...]  # what to load with a list of tasks

    def __call__(self, **options: Any) -> serializers.Field: ...

    def store(self, task: SynthesisTask, values: dict[str, Any]) -> None: ...


EXTENSIONS: dict[str, OrderPart] = {}


class ShareSerializer(serializers.Serializer):
    language_model = serializers.PrimaryKeyRelatedField(queryset=LanguageModel.objects.all())
    weight = serializers.IntegerField(default=1, min_value=1, max_value=1000)


class TaskChangeSerializer(ValidatedSerializer):
    template = serializers.PrimaryKeyRelatedField(
        queryset=PromptTemplate.objects.filter(is_enabled=True),
        help_text=gettext_lazy("The task takes what the template says now."),
    )
    language_model = serializers.PrimaryKeyRelatedField(
        queryset=LanguageModel.objects.all(), required=False, allow_null=True
    )
    models = ShareSerializer(
        many=True,
        required=False,
        max_length=50,
        help_text=gettext_lazy("A mix; none takes the template's model, else the default one."),
    )
    dataset_name = serializers.CharField(
        required=False,
        max_length=200,
        help_text=gettext_lazy("Creates a dataset. Without it and dataset: named after the task."),
    )
    values = serializers.DictField(required=False)
    parameters = serializers.DictField(required=False)

    class Meta:
        model = SynthesisTask
        fields = (
            "name",
            "description",
            "template",
            "values",
            "target_count",
            "language_model",
            "models",
            "parameters",
            "seed",
            "batch_size",
            "concurrency",
            "max_attempts",
            "dataset",
            "dataset_name",
            "output_format",
        )
        extra_kwargs = {"dataset": {"required": False}}

    def get_fields(self) -> dict[str, serializers.Field]:
        parts = {name: part(required=False) for name, part in EXTENSIONS.items()}
        return {**super().get_fields(), **parts}

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        if values.get("language_model") and values.get("models"):
            raise serializers.ValidationError({"models": [MODEL_OR_MODELS]})
        if values.get("dataset") and values.get("dataset_name"):
            raise serializers.ValidationError({"dataset_name": [ONE_DATASET]})
        return values

    def validate_models(self, shares: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len({share["language_model"].pk for share in shares}) < len(shares):
            raise serializers.ValidationError(_("Each model may be named once; give it a weight."))
        return shares

    def store(self, row: SynthesisTask, values: dict[str, Any]) -> SynthesisTask:
        row.check_independence()
        mix = self.mix(values)
        parts = {name: values.pop(name) for name in EXTENSIONS if name in values}
        template = values.pop("template", None)
        if template is not None:
            row.template_version = template.latest_version
        name = values.pop("dataset_name", "")
        if name or (row.dataset_id is None and "dataset" not in values):
            values["dataset"] = Dataset.named_after(name or values["name"], self.user)
        task = super().store(row, values)
        if mix is not None:
            task.set_mix(mix)
        for name, part in parts.items():
            self.fields[name].store(task, part)
        return task

    def mix(self, values: dict[str, Any]) -> dict[int, int] | None:
        """Take the models out of values, as id to weight; None leaves them as they are."""
        given = [name for name in ("language_model", "models") if name in values]
        model, shares = values.pop("language_model", None), values.pop("models", [])
        if not given:
            return None
        chosen = {share["language_model"].pk: share["weight"] for share in shares}
        return {model.pk: 1} if model else chosen

    @property
    def user(self) -> Any:
        return self.context["request"].user


class TaskOrderSerializer(TaskChangeSerializer):
    start = serializers.BooleanField(
        default=True, help_text=gettext_lazy("false leaves the task a draft.")
    )

    class Meta(TaskChangeSerializer.Meta):
        fields = (*TaskChangeSerializer.Meta.fields, "start")

    def store(self, row: SynthesisTask, values: dict[str, Any]) -> SynthesisTask:
        is_wanted = values.pop("start")
        task = super().store(row, {**values, "created_by": self.user})
        if is_wanted:
            task.start(self.user)
        return task
