"""The engine's own work: prompts become records."""

from __future__ import annotations

from collections.abc import Sequence

from providers.clients.types import ChatRequest, Reply
from providers.sanitising import clean_text
from synthesis import parsing
from synthesis.engine import prompting, works
from synthesis.models import Batch, Record, Run
from synthesis.models.bulk import copies


class Generation(works.Work):
    def requests(self, run: Run, batches: Sequence[Batch]) -> dict[int, ChatRequest | None]:
        return {
            batch.pk: prompting.build_request(
                run.template_version, batch.values, batch.language_model, run.parameters
            )
            for batch in batches
        }

    def read(self, run: Run, batch: Batch, reply: Reply) -> list[parsing.Draft]:
        if reply.finish_reason == "refused":
            return [parsing.Draft(content=None, raw=clean_text(reply.text), problem="refused")]
        is_cut = reply.finish_reason == "length"
        schema = run.template_version.output_schema or None
        return parsing.parse_reply(reply.text, truncated=is_cut, schema=schema).drafts

    def finish(
        self, run: Run, results: Sequence[tuple[Batch, list[parsing.Draft]]]
    ) -> list[Record]:
        records = [
            record for batch, drafts in results for record in new_records(run, batch, drafts)
        ]
        Record.objects.write(records, dataset=run.dataset, run=run)
        batches = {batch.pk: batch for batch, _drafts in results}
        for record in records:
            batch = batches[record.batch_id]
            setattr(batch, record.status, getattr(batch, record.status) + 1)
        return records


def new_records(run: Run, batch: Batch, drafts: Sequence[parsing.Draft]) -> list[Record]:
    blank = Record(
        dataset_id=run.dataset_id,
        run_id=run.pk,
        batch_id=batch.pk,
        language_model_id=batch.language_model_id,
        category=run.category,
    )
    records = copies(blank, len(drafts))
    for position, (record, draft) in enumerate(zip(records, drafts, strict=True)):
        record.position, record.content = position, draft.content
        if draft.problem:
            record.raw, record.status = draft.raw, Record.Status.MALFORMED
            record.findings = [{"check": "parse", "code": draft.problem}]
    return records
