from __future__ import annotations

from synthesis.api.datasets import DatasetViewSet
from synthesis.api.imports import ImportViewSet
from synthesis.api.ratio_tasks import RatioTaskViewSet
from synthesis.api.records import RecordViewSet
from synthesis.api.runs import BatchViewSet, RunViewSet
from synthesis.api.tasks import TaskViewSet
from synthesis.api.templates import TemplateViewSet

ROUTES = (
    ("templates", TemplateViewSet),
    ("tasks", TaskViewSet),
    ("ratio-tasks", RatioTaskViewSet),
    ("runs", RunViewSet),
    ("batches", BatchViewSet),
    ("records", RecordViewSet),
    ("datasets", DatasetViewSet),
    ("imports", ImportViewSet),
)
