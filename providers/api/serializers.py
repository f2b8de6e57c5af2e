from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables
from rest_framework import serializers
from rest_framework.validators import UniqueValidator

from providers import secrets
from providers.models import Capability, LanguageModel, Provider


class ValidatedSerializer(serializers.ModelSerializer[Any]):
    """Check shapes here and leave every rule to the model, the one judge of them."""

    def create(self, validated_data: dict[str, Any]) -> Any:
        model: Any = self.Meta.model
        return self.store(model(), validated_data)

    def update(self, instance: Any, validated_data: dict[str, Any]) -> Any:
        return self.store(instance, validated_data)

    def store(self, row: Any, values: dict[str, Any]) -> Any:
        for name, value in values.items():
            setattr(row, name, value)
        row.full_clean()
        row.save()
        return row

    def get_validators(self) -> list[Any]:
        return []

    def build_standard_field(self, field_name: str, model_field: Any) -> Any:
        field, options = super().build_standard_field(field_name, model_field)
        if "validators" in options:
            options["validators"] = [
                rule for rule in options["validators"] if not isinstance(rule, UniqueValidator)
            ]
        return field, options


class ProviderSerializer(ValidatedSerializer):
    api_key = serializers.CharField(
        write_only=True,
        required=False,
        allow_blank=True,
        max_length=2000,
        help_text=_(
            "It is stored encrypted and never shown again; key_hint has its last characters."
            " env:NAME reads it from a variable of the server; an empty text forgets it."
        ),
    )
    extra_headers = serializers.DictField(required=False)
    extra_body = serializers.DictField(required=False)

    class Meta:
        model = Provider
        fields = (
            "id",
            "name",
            "vendor",
            "base_url",
            "api_key",
            "key_hint",
            "extra_headers",
            "extra_body",
            "timeout_seconds",
            "max_concurrency",
            "requests_per_minute",
            "tokens_per_minute",
            "is_enabled",
            "created_at",
            "updated_at",
        )
        read_only_fields = ("key_hint",)

    @sensitive_variables()
    def store(self, row: Any, values: dict[str, Any]) -> Any:
        key = values.pop("api_key", None)
        if key is not None:
            row.set_key(key)
        return super().store(row, values)

    def validate_api_key(self, key: str) -> str:
        try:
            secrets.check_key(key.strip())
        except secrets.SecretError as error:
            raise serializers.ValidationError(str(error)) from error
        return key


class LanguageModelSerializer(ValidatedSerializer):
    provider_name = serializers.CharField(source="provider.name", read_only=True)
    capabilities = serializers.ListField(
        child=serializers.ChoiceField(Capability.choices), required=False
    )
    default_parameters = serializers.DictField(required=False)

    class Meta:
        model = LanguageModel
        fields = (
            "id",
            "provider",
            "provider_name",
            "name",
            "label",
            "context_tokens",
            "max_output_tokens",
            "input_price",
            "output_price",
            "currency",
            "capabilities",
            "default_parameters",
            "is_enabled",
            "is_default",
            "created_at",
            "updated_at",
        )


class ConnectionReportSerializer(serializers.Serializer[Any]):
    outcome = serializers.ChoiceField(["works", "no_such_model", "fails"])
    models = serializers.ListField(
        child=serializers.CharField(), help_text=_("What the vendor has, where it tells.")
    )
    error_code = serializers.CharField(allow_blank=True, help_text=_("Why it fails."))
    advice = serializers.CharField(help_text=_("What to do."))
    detail = serializers.CharField(allow_blank=True, help_text=_("The vendor's own words."))
    latency_seconds = serializers.FloatField(allow_null=True)
