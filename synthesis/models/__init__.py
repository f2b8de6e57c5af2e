from __future__ import annotations

from synthesis.models.batch import Batch, Call
from synthesis.models.dataset import Dataset, OutputFormat
from synthesis.models.dataset_import import DatasetImport
from synthesis.models.job import Job
from synthesis.models.mixture import Mixture
from synthesis.models.mixture_row import MixtureRow
from synthesis.models.ratio import CategoryOrder, RatioCategory, RatioTask
from synthesis.models.record import Record
from synthesis.models.run import Run
from synthesis.models.source import Source, SourceFile, SourceItem
from synthesis.models.task import SynthesisTask, TaskModel
from synthesis.models.template import PromptTemplate, TemplateType, TemplateVersion
from synthesis.models.worker import Seat, Worker

__all__ = [
    "Batch",
    "Call",
    "CategoryOrder",
    "Dataset",
    "DatasetImport",
    "Job",
    "Mixture",
    "MixtureRow",
    "OutputFormat",
    "PromptTemplate",
    "RatioCategory",
    "RatioTask",
    "Record",
    "Run",
    "Seat",
    "Source",
    "SourceFile",
    "SourceItem",
    "SynthesisTask",
    "TaskModel",
    "TemplateType",
    "TemplateVersion",
    "Worker",
]
