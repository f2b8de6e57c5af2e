from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_save
from django.utils.translation import gettext_lazy as _


class QualityConfig(AppConfig):
    name = "quality"
    verbose_name = _("Quality")

    def ready(self) -> None:
        from quality import export_metadata, judge, receivers, renewal
        from quality.deduplication import jobs as deduplication
        from quality.evaluation import jobs
        from quality.judge_work import JudgeWork
        from quality.models.deduplication import KIND as DEDUPLICATE
        from quality.models.evaluation import KIND
        from quality.policy_checks import jobs as policy_jobs
        from quality.repair_work import RepairWork
        from synthesis import metadata, reasons, signals
        from synthesis.engine import background, works
        from synthesis.models import Batch, Dataset, Run

        signals.records_saving.connect(receivers.judge, dispatch_uid="quality.judge")
        signals.records_stored.connect(receivers.enter_index, dispatch_uid="quality.enter_index")
        signals.task_cloned.connect(receivers.copy_policy, dispatch_uid="quality.copy_policy")
        signals.installing.connect(receivers.add_starters, dispatch_uid="quality.add_starters")
        background.register(KIND, title=_("Evaluation"), work=jobs.evaluate)
        reasons.add(jobs.REASONS)
        reasons.add_words(judge.PROBLEMS.values())
        background.register(DEDUPLICATE, title=_("Deduplication"), work=deduplication.deduplicate)
        reasons.add(deduplication.REASONS)
        background.register(
            renewal.KIND, title=_("Making the index of duplicates anew"), work=renewal.renew
        )
        for kind, (title, work) in policy_jobs.KINDS.items():
            background.register(kind, title=title, work=work)
        reasons.add(policy_jobs.REASONS)
        works.register(Batch.Kind.JUDGE, JudgeWork())
        works.register(Batch.Kind.REPAIR, RepairWork())
        metadata.register(export_metadata.judged)
        post_save.connect(receivers.begin_index, sender=Dataset, dispatch_uid="quality.begin_index")
        signals.worker_started.connect(receivers.renew_indexes, dispatch_uid="quality.renew")
        post_save.connect(receivers.freeze_policy, sender=Run, dispatch_uid="quality.freeze")
        signals.record_edited.connect(receivers.note_edit, dispatch_uid="quality.note_edit")
