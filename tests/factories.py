"""Rows as a user would make them, with one word for what a test is about."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Any

from providers.models import LanguageModel, Provider
from quality.models import Judgement, Rubric
from synthesis.allocation import allocate, shares_of
from synthesis.models import (
    CategoryOrder,
    Dataset,
    Mixture,
    MixtureRow,
    PromptTemplate,
    RatioTask,
    Record,
    Run,
    Source,
    SourceItem,
    SynthesisTask,
)

numbers = itertools.count(1)

QA_SCHEMA = {
    "type": "object",
    "properties": {
        "question": {"type": "string", "minLength": 1},
        "answer": {"type": "string", "minLength": 1},
    },
    "required": ["question", "answer"],
}
PROMPT = "Write {count} questions and answers about {topic}. N_RECORDS={count} SEED={seed}"


def provider(base_url: str = "http://127.0.0.1:9/v1", **fields: Any) -> Provider:
    row = Provider(
        **{
            "name": f"Provider {next(numbers)}",
            "vendor": "compatible",
            "base_url": base_url,
            **fields,
        }
    )
    row.set_key("sk-test-0123456789")
    row.save()
    return row


def language_model(base_url: str = "http://127.0.0.1:9/v1", **fields: Any) -> LanguageModel:
    fields.setdefault("provider", None)
    fields["provider"] = fields["provider"] or provider(base_url)
    return LanguageModel.objects.create(
        **{"name": "stub-model", "capabilities": ["seed", "temperature"], **fields}
    )


def template(**fields: Any) -> PromptTemplate:
    row = PromptTemplate(
        **{
            "name": f"Template {next(numbers)}",
            "prompt": PROMPT,
            "output_schema": QA_SCHEMA,
            "variables": [{"name": "topic", "type": "text", "default": "tea"}],
            **fields,
        }
    )
    row.full_clean()
    row.save()
    return row


def dataset(name: str = "") -> Dataset:
    return Dataset.objects.create(name=name or f"Dataset {next(numbers)}")


def source(*rows: Any, **fields: Any) -> Source:
    """Make a loaded source: of the rows given, or of chunks where they are texts."""
    is_table = bool(rows) and isinstance(rows[0], dict)
    kind = Source.Kind.ROWS if is_table else Source.Kind.DOCUMENTS
    values = list(rows) if is_table else [{"text": row, "document": "tea.txt"} for row in rows]
    source = Source.objects.create(
        **{
            "name": f"Source {next(numbers)}",
            "kind": kind,
            "columns": list(values[0]) if values else [],
            "item_count": len(values),
            **fields,
        }
    )
    SourceItem.objects.bulk_create(
        SourceItem(source=source, position=position, values=row)
        for position, row in enumerate(values)
    )
    return source


def task(*models: LanguageModel, weights: tuple[int, ...] = (), **fields: Any) -> SynthesisTask:
    """Make a task over the models given, or over one at an address where nobody listens."""
    mix = models or (language_model(),)
    of_template = fields.pop("template", None) or template()
    row = SynthesisTask(
        **{
            "name": f"Task {next(numbers)}",
            "template_version": of_template.latest_version,
            "dataset": fields.pop("dataset", None) or dataset(),
            "target_count": 10,
            **fields,
        }
    )
    row.full_clean()
    row.save()
    shares = weights or (1,) * len(mix)
    row.set_mix({model.pk: share for model, share in zip(mix, shares, strict=True)})
    return row


def ratio_task(shares: dict[str, int], *models: LanguageModel, **fields: Any) -> RatioTask:
    """Make a ratio task over categories and their shares; the models take turns with them."""
    mix = models or (language_model(),)
    versions = [row.latest_version for row in fields.pop("templates", None) or [template()]]
    row = RatioTask(
        **{
            "name": f"Ratio {next(numbers)}",
            "dataset": fields.pop("dataset", None) or dataset(),
            "total": 10,
            **fields,
        }
    )
    row.full_clean()
    row.save()
    counts = allocate(row.total, list(shares.values()))
    row.arrange(
        CategoryOrder(
            name=name,
            share=Decimal(share),
            count=count,
            version=versions[number % len(versions)],
            mix={mix[number % len(mix)].pk: 1},
        )
        for number, ((name, share), count) in enumerate(zip(shares.items(), counts, strict=True))
    )
    return row


def mixture(*parts: tuple[Dataset, int], **fields: Any) -> Mixture:
    """Make a mixture of datasets, each with the records that it is to give."""
    row = Mixture(
        **{
            "name": f"Mixture {next(numbers)}",
            "dataset": fields.pop("dataset", None) or dataset(),
            "total": sum(count for _source, count in parts),
            **fields,
        }
    )
    row.save()
    shares = shares_of([count for _source, count in parts])
    row.arrange(
        MixtureRow(position=position, source=source, share=share, count=count)
        for position, ((source, count), share) in enumerate(zip(parts, shares, strict=True))
    )
    return row


def run(of_task: SynthesisTask | None = None, **fields: Any) -> Run:
    """Make a run by starting its task, then set fields as the engine might have."""
    started = (of_task or task()).start()
    if fields:
        Run.objects.filter(pk=started.pk).update(**fields)
        started.refresh_from_db()
    return started


def records(
    count: int, *, into: Dataset | None = None, of_run: Run | None = None, **fields: Any
) -> list[Record]:
    """Write distinct records through the one way in."""
    target = into or (of_run.dataset if of_run else dataset())
    rows = [
        Record(
            dataset=target,
            run=of_run,
            content={"question": f"Question {next(numbers)}?", "answer": "Answer."},
            **fields,
        )
        for _row in range(count)
    ]
    return Record.objects.write(rows, dataset=target, run=of_run)


def dimension(name: str = "Correctness", **fields: Any) -> dict[str, Any]:
    return {
        "name": name,
        "weight": 1,
        "description": "Is it right?",
        "levels": {"1": "Wrong.", "5": "Right."},
        "needs_source": False,
        **fields,
    }


def rubric(*dimensions: dict[str, Any], **fields: Any) -> Rubric:
    """Make a rubric of the dimensions given, or of one."""
    row = Rubric(
        **{
            "name": f"Rubric {next(numbers)}",
            "dimensions": list(dimensions) or [dimension()],
            **fields,
        }
    )
    row.full_clean()
    row.save()
    return row


def judgement(record: Record, **fields: Any) -> Judgement:
    """Let a judge find a record good, unless the fields say otherwise."""
    given = {"state": "scored", "score": 75, "threshold": 60, "passed": True, **fields}
    given.setdefault("rubric_version", None)
    given["rubric_version"] = given["rubric_version"] or rubric().latest_version
    given.setdefault("language_model", record.language_model)
    given["language_model"] = given["language_model"] or language_model()
    scores = [{"name": "Correctness", "weight": 1, "score": 4, "reason": "Nearly right."}]
    given.setdefault("dimension_scores", scores if given["state"] == "scored" else [])
    return Judgement.objects.create(record=record, **given)
