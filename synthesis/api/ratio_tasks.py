from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from synthesis.api.filters import RatioTaskFilter
from synthesis.api.orders import OrderAnswers
from synthesis.api.ratio_orders import RatioOrderSerializer
from synthesis.api.ratio_reports import RatioCommandSerializer, RatioTaskSerializer
from synthesis.errors import TaskNotReadyError
from synthesis.models import RatioTask
from synthesis.models.ratio import Reach


class RatioTaskViewSet(
    OrderAnswers,
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    mixins.ListModelMixin,
    GenericViewSet,
):
    """Orders of records of several categories in exact proportion.

    A command speaks of all categories, and names those that it changed.
    """

    queryset = RatioTask.objects.with_progress().prefetch_related(
        "categories__task__task_models__language_model__provider"
    )
    http_method_names = ["get", "head", "options", "post", "put", "delete"]
    report = RatioTaskSerializer
    filterset_class = RatioTaskFilter
    search_fields = ("name", "description", "categories__name")
    ordering_fields = ("id", "name", "created_at", "updated_at", "total")
    needs = {"clone": ["synthesis.add_ratiotask"]}

    def get_serializer_class(self) -> type[Any]:
        return RatioOrderSerializer if self.action in WRITES else RatioTaskSerializer

    @extend_schema(responses={201: RatioTaskSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Create a ratio task and start all of its categories, unless start is false."""
        return self._store(self.get_serializer(data=request.data), status.HTTP_201_CREATED)

    @extend_schema(responses=RatioTaskSerializer)
    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change a ratio task that has not run yet. It is not started."""
        asked = self.get_serializer(self.get_object(), data=request.data)
        return self._store(asked, status.HTTP_200_OK)

    @extend_schema(request=None, responses={202: RatioTaskSerializer})
    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: str) -> Response:
        """Start a run of every category."""
        task = self.get_object()
        task.start(request.user)
        return self._shown(task, status.HTTP_202_ACCEPTED)

    @extend_schema(request=None, responses={202: RatioTaskSerializer})
    @action(detail=True, methods=["post"])
    def rerun(self, request: Request, pk: str) -> Response:
        """Start one more run of every category."""
        task = self.get_object()
        if not task.has_run:
            raise TaskNotReadyError("never_ran")
        task.start(request.user)
        return self._shown(task, status.HTTP_202_ACCEPTED)

    @extend_schema(request=None, responses=RatioCommandSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str) -> Response:
        """Start no new calls in any category until they are resumed."""
        task = self.get_object()
        return self._told(task, task.pause())

    @extend_schema(request=None, responses={202: RatioCommandSerializer})
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        """Go on with all paused, stalled and failed categories."""
        task = self.get_object()
        return self._told(task, task.resume(), status.HTTP_202_ACCEPTED)

    @extend_schema(request=None, responses=RatioCommandSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """End all categories for good; their records stay."""
        task = self.get_object()
        return self._told(task, task.cancel())

    @extend_schema(request=None, responses={202: RatioCommandSerializer})
    @action(detail=True, methods=["post"], url_path="retry-failed")
    def retry_failed(self, request: Request, pk: str) -> Response:
        """Try the failed batches of all categories again."""
        task = self.get_object()
        return self._told(task, task.retry_failed(), status.HTTP_202_ACCEPTED)

    @extend_schema(request=None, responses={202: RatioCommandSerializer})
    @action(detail=True, methods=["post"], url_path="top-up")
    def top_up(self, request: Request, pk: str) -> Response:
        """Replace the records that completed categories have lost since."""
        task = self.get_object()
        return self._told(task, task.top_up(), status.HTTP_202_ACCEPTED)

    @extend_schema(request=None, responses={201: RatioTaskSerializer})
    @action(detail=True, methods=["post"])
    def clone(self, request: Request, pk: str) -> Response:
        """Copy the order into a draft with a dataset of its own."""
        return self._shown(self.get_object().clone(request.user), status.HTTP_201_CREATED)

    def _told(self, task: RatioTask, reach: Reach, code: int = status.HTTP_200_OK) -> Response:
        row = self.get_queryset().get(pk=task.pk)
        row.changed = [category.name for category in reach.changed]
        row.unchanged = [category.name for category in reach.unchanged]
        report = RatioCommandSerializer(row, context=self.get_serializer_context())
        return Response(report.data, status=code)


WRITES = ("create", "update")
