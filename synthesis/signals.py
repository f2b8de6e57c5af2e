"""What synthesis tells the other apps; quality answers.

records_saving  sent inside the transaction, under the dataset's lock, before the insert or
                update. Arguments: records (list of unsaved or changed Record), dataset, run
                (None outside a run). Receivers set status, findings and fingerprints on the
                records; a receiver that raises aborts the write.
records_stored  sent inside the same transaction, after the insert or update, when the records have
                their ids and their final status. Arguments: records, dataset, created
                (False for records that were there before). For rows that must be there
                exactly when the records are, such as an index.
records_saved   sent on commit. Arguments: record_ids (list of int), dataset, run.
task_cloned     sent inside the copy's transaction. Arguments: original, copy (SynthesisTask).
installing      sent when an installation gets its starters, so that receivers add their own.
worker_started  sent when a worker's supervisor begins, before it starts its cluster: the time to
                order what an update left to do.
record_edited   sent inside the transaction, after the update of a record whose content is
                another now. Arguments: record, before (the old content), user (or None).
"""

from __future__ import annotations

from django.dispatch import Signal

records_saving = Signal()
records_stored = Signal()
records_saved = Signal()
task_cloned = Signal()
installing = Signal()
worker_started = Signal()
record_edited = Signal()
