"""A dataset that was filled without a search for near duplicates."""

from __future__ import annotations

from typing import Any

from quality.models import DatasetQuality, Deduplication, QualityPolicy
from synthesis.engine import background
from synthesis.models import Dataset, Job, Record
from tests import factories

OOLONG = "Oolong is partly oxidised, which puts it between green tea and black tea."
REWORDED = "Oolong is only partly oxidised, which puts it between green teas and black teas."
KETTLE = "Fill the kettle with fresh water before you boil it for a new pot of tea."
KETTLES = "Always fill the kettle with fresh water before you boil it for a new pot of tea."
ROME = "Rome was not built in a day, and neither was its sewer."


def unsearched(*texts: str, of: Dataset | None = None, field: str = "text") -> list[Record]:
    """Write records into a dataset whose policy does not look for near duplicates."""
    into = of or factories.dataset()
    policy, _made = QualityPolicy.objects.get_or_create(name="1", near_duplicates=False)
    DatasetQuality.objects.get_or_create(dataset=into, policy=policy)
    rows = [Record(dataset=into, content={field: text}) for text in texts]
    return Record.objects.write(rows, dataset=into)


def performed(order: Deduplication) -> Deduplication:
    """Do the step that was ordered latest."""
    job: Job | None = order.job
    assert job is not None
    background.perform_here(job)
    order.refresh_from_db()
    return order


def found(dataset: Dataset, **wanted: Any) -> Deduplication:
    return performed(Deduplication.start(dataset, **wanted))


def applied(dataset: Dataset, **wanted: Any) -> Deduplication:
    order = found(dataset, **wanted)
    order.apply()
    return performed(order)
