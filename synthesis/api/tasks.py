from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ModelViewSet

from synthesis.api import parts
from synthesis.api.filters import TaskFilter
from synthesis.api.orders import OrderAnswers
from synthesis.api.task_orders import TaskChangeSerializer, TaskOrderSerializer
from synthesis.api.task_reports import TaskSerializer
from synthesis.errors import TaskNotReadyError
from synthesis.models import Run, SynthesisTask

RELATED = (
    "template_version__template",
    "template_version__language_model__provider",
    "latest_run__task",
    "category",
    "dataset",
    "source",
    "created_by",
)


class TaskViewSet(OrderAnswers, ModelViewSet):
    """Orders of records. A command that leads to work answers 202; watch status."""

    queryset = SynthesisTask.objects.select_related(*RELATED).prefetch_related(
        "task_models__language_model__provider"
    )
    report = TaskSerializer
    filterset_class = TaskFilter
    search_fields = ("name", "description", "template_version__template__name")
    ordering_fields = ("id", "name", "created_at", "updated_at", "target_count")
    needs = {"clone": ["synthesis.add_synthesistask"]}

    def get_queryset(self) -> QuerySet[SynthesisTask]:
        return super().get_queryset().prefetch_related(*parts.prefetched(parts.TASK))

    def get_serializer_class(self) -> type[Any]:
        if self.action == "create":
            return TaskOrderSerializer
        return TaskChangeSerializer if self.action in CHANGES else TaskSerializer

    @extend_schema(responses={201: TaskSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Create a task and start it, unless start is false."""
        return self._store(self.get_serializer(data=request.data), status.HTTP_201_CREATED)

    @extend_schema(responses=TaskSerializer)
    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change a task. Runs keep what they were started with; the next run takes it."""
        asked = self.get_serializer(
            self.get_object(), data=request.data, partial=kwargs.get("partial", False)
        )
        return self._store(asked, status.HTTP_200_OK)

    @extend_schema(responses=TaskSerializer)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change some fields of a task. Runs keep what they were started with."""
        return super().partial_update(request, *args, **kwargs)

    @extend_schema(request=None, responses={202: TaskSerializer})
    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: str) -> Response:
        """Start a run."""
        task = self.get_object()
        task.start(request.user)
        return self._shown(task, status.HTTP_202_ACCEPTED)

    @extend_schema(request=None, responses={202: TaskSerializer})
    @action(detail=True, methods=["post"])
    def rerun(self, request: Request, pk: str) -> Response:
        """Start one more run of a task that has run."""
        task = self.get_object()
        latest_run(task)
        task.start(request.user)
        return self._shown(task, status.HTTP_202_ACCEPTED)

    @extend_schema(request=None, responses=TaskSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str) -> Response:
        """Start no new calls until the run is resumed."""
        task = self.get_object()
        latest_run(task).pause()
        return self._shown(task)

    @extend_schema(request=None, responses={202: TaskSerializer})
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        """Go on with a paused, stalled or failed run."""
        task = self.get_object()
        latest_run(task).resume()
        return self._shown(task, status.HTTP_202_ACCEPTED)

    @extend_schema(request=None, responses={202: TaskSerializer})
    @action(detail=True, methods=["post"], url_path="top-up")
    def top_up(self, request: Request, pk: str) -> Response:
        """Replace the records that a completed run has lost to rejections or deletions."""
        task = self.get_object()
        latest_run(task).top_up()
        return self._shown(task, status.HTTP_202_ACCEPTED)

    @extend_schema(request=None, responses=TaskSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """End the run for good; its records stay."""
        task = self.get_object()
        latest_run(task).cancel()
        return self._shown(task)

    @extend_schema(request=None, responses={202: TaskSerializer})
    @action(detail=True, methods=["post"], url_path="retry-failed")
    def retry_failed(self, request: Request, pk: str) -> Response:
        """Try the failed batches of the latest run again."""
        task = self.get_object()
        latest_run(task).retry_failed()
        return self._shown(task, status.HTTP_202_ACCEPTED)

    @extend_schema(request=None, responses={201: TaskSerializer})
    @action(detail=True, methods=["post"])
    def clone(self, request: Request, pk: str) -> Response:
        """Copy the order into a draft with a dataset of its own."""
        return self._shown(self.get_object().clone(request.user), status.HTTP_201_CREATED)


CHANGES = ("update", "partial_update")


def latest_run(task: SynthesisTask) -> Run:
    if task.latest_run is None:
        raise TaskNotReadyError("never_ran")
    return task.latest_run
