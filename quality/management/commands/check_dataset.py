from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from quality.models import PolicyCheck, QualityPolicy
from quality.policy_checks import words
from synthesis.management.lookup import find
from synthesis.management.waiting import INTERRUPTED, follow_job
from synthesis.models import Dataset


class Command(BaseCommand):
    help = "Tell in this process what a policy would do to a dataset's records; --apply does it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dataset", help="name or number of the dataset")
        parser.add_argument("--policy", required=True, help="name or number of the quality policy")
        parser.add_argument("--apply", action="store_true", help="change the records as well")

    def handle(self, *_args: Any, **options: Any) -> None:
        dataset = find(Dataset, options["dataset"])
        policy = find(QualityPolicy, options["policy"])
        check = PolicyCheck(dataset=dataset, version=policy.latest_version)
        check.begin()
        check = worked_off(check)
        for line in words.lines(check):
            self.stdout.write(line)
        if options["apply"] and check.can_apply:
            check.apply()
            check = worked_off(check)
            self.stdout.write(words.result(check))


def worked_off(check: PolicyCheck) -> PolicyCheck:
    """Follow the job to its end.

    Errors: CommandError when it did not end well.
    """
    try:
        follow_job(check.job, _("records"))
    except KeyboardInterrupt as error:
        text = _("Cancelled. What was changed can be undone on the page of check %(pk)s.")
        raise CommandError(text % {"pk": check.pk}, returncode=INTERRUPTED) from error
    rows = PolicyCheck.objects.select_related("dataset", "version__policy", "job")
    ended = rows.get(pk=check.pk)
    if not ended.is_done:
        raise CommandError(ended.reason or ended.state_label)
    return ended
