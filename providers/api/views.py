from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ModelViewSet

from providers import connection
from providers.api.serializers import (
    ConnectionReportSerializer,
    LanguageModelSerializer,
    ProviderSerializer,
)
from providers.models import LanguageModel, Provider


class ProviderViewSet(ModelViewSet[Provider]):
    """Accounts at vendors. A change of the address demands the API key again."""

    queryset = Provider.objects.order_by("name", "pk")
    serializer_class = ProviderSerializer
    filterset_fields = ("vendor", "is_enabled")
    search_fields = ("name", "base_url")
    ordering_fields = ("id", "name", "created_at", "updated_at")

    @extend_schema(request=None, responses=ConnectionReportSerializer)
    @action(detail=True, methods=["post"])
    def test(self, request: Request, pk: str) -> Response:
        """Call the vendor once and tell whether it works, and why not."""
        report = connection.check_provider(self.get_object())
        return Response(ConnectionReportSerializer(report).data)


class LanguageModelViewSet(ModelViewSet[LanguageModel]):
    """Models of the providers, with limits, prices and what they can do."""

    queryset = LanguageModel.objects.select_related("provider").order_by("provider__name", "pk")
    serializer_class = LanguageModelSerializer
    filterset_fields = ("provider", "is_enabled", "is_default", "currency")
    search_fields = ("name", "label", "provider__name")
    ordering_fields = ("id", "name", "provider__name", "input_price", "output_price")

    @extend_schema(request=None, responses=ConnectionReportSerializer)
    @action(detail=True, methods=["post"])
    def test(self, request: Request, pk: str) -> Response:
        """Ask the model for a word and tell whether it works, and why not."""
        report = connection.check_model(self.get_object())
        return Response(ConnectionReportSerializer(report).data)
