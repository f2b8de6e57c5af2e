from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.viewsets import ModelViewSet

from providers.api.serializers import ValidatedSerializer
from quality.models import DatasetQuality, QualityPolicy, TaskQuality
from quality.models.choice import OWN_THRESHOLDS
from quality.models.policy import PolicyContent
from synthesis.api import parts
from synthesis.models import Dataset, SynthesisTask

CONTENT = tuple(name.removesuffix("_id") for name in PolicyContent.CONTENT_FIELDS)


class PolicySerializer(ValidatedSerializer):
    version = serializers.IntegerField(source="latest_version.number", read_only=True)

    class Meta:
        model = QualityPolicy
        fields = (
            "id",
            "name",
            "description",
            "is_default",
            "version",
            *CONTENT,
            "created_at",
            "updated_at",
        )
        read_only_fields = ("created_at", "updated_at")


class PolicyViewSet(ModelViewSet):
    """What a team asks of its records, under a name. A change makes a version."""

    queryset = QualityPolicy.objects.prefetch_related("versions")
    serializer_class = PolicySerializer
    filterset_fields = ("is_default",)
    search_fields = ("name", "description")
    ordering_fields = ("id", "name", "updated_at")


class TaskQualitySerializer(serializers.ModelSerializer):
    prefetched = ("quality__other_datasets",)
    policy = serializers.PrimaryKeyRelatedField(
        queryset=QualityPolicy.objects.all(), required=False, allow_null=True
    )
    other_datasets = serializers.PrimaryKeyRelatedField(
        queryset=Dataset.objects.all(), many=True, required=False
    )

    class Meta:
        model = TaskQuality
        fields = ("policy", *OWN_THRESHOLDS, "other_datasets")

    def store(self, task: SynthesisTask, values: dict[str, Any]) -> None:
        others = values.pop("other_datasets", None)
        wanted = TaskQuality.objects.filter(task=task).first() or TaskQuality(task=task)
        for name, value in values.items():
            setattr(wanted, name, value)
        wanted.full_clean()
        wanted.save()
        if others is not None:
            wanted.other_datasets.set(others)


class DatasetQualitySerializer(serializers.ModelSerializer):
    prefetched = ("quality",)
    policy = serializers.PrimaryKeyRelatedField(
        queryset=QualityPolicy.objects.all(), allow_null=True
    )

    class Meta:
        model = DatasetQuality
        fields = ("policy",)

    def store(self, dataset: Dataset, values: dict[str, Any]) -> None:
        """Keep the policy; none, like null in place of this part, is the default one."""
        policy = values.get("policy")
        DatasetQuality.objects.update_or_create(dataset=dataset, defaults={"policy": policy})


parts.TASK["quality"] = TaskQualitySerializer
parts.DATASET["quality"] = DatasetQualitySerializer
