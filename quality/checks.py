"""Every check that a record passes before it is stored, in the order in which they run.

form → content rules → duplicates → rule score → the word of people → waiting for the judge

A check looks only at records that all before it have let pass, so the last finding of a
refused record is the one that decided.
"""

from __future__ import annotations

from typing import Any

from quality import content, decisions, dedup, judging, policies, recent, scoring, validators
from quality.content import loading
from quality.judging import JudgeSettings
from quality.policies import Effective
from synthesis import steps
from synthesis.models import Dataset, Record, Run, TemplateVersion


def run_all(records: list[Record], dataset: Dataset, run: Run | None) -> None:
    """Set status, findings, content hash and score of records that are about to be stored."""
    wanted = policies.effective(dataset, run)
    version = run.template_version if run else None
    read(records, wanted, version)
    dedup.mark_duplicates(records, dataset, policies.duplicate_rules(wanted, run))
    scoring.apply(
        records,
        scoring.Weights.of(wanted.policy.weights),
        wanted.minimum_score,
        labels=scoring.labels_of(version.output_schema if version else {}),
        openings=recent.openings(dataset),
    )
    decisions.keep_word(records, dataset)
    judging.hold(records, run, JudgeSettings.of(wanted))


def read(records: list[Record], wanted: Effective, version: TemplateVersion | None) -> None:
    """Look at the form of records and at what they say, each by itself."""
    schema = version.output_schema if version else {}
    validators.check(records, schema, format_rules(wanted, version))
    content.apply(records, loading.active(wanted.policy.rules), prompts(version))


def format_rules(wanted: Effective, version: TemplateVersion | None) -> validators.FormatRules:
    policy = wanted.policy
    limits: dict[str, Any] = {
        "refuse_empty_fields": policy.refuse_empty_fields,
        "min_characters": policy.min_characters or 0,
        "max_characters": policy.max_characters or 0,
    }
    if not policy.check_language:
        limits["expected_language"] = ""
    if not policy.check_code:
        limits["code_fields"] = {}
    return validators.FormatRules.of_template(version, **limits)


def prompts(version: TemplateVersion | None) -> tuple[str, ...]:
    """Return the instructions as they were written: a record that repeats them leaks them."""
    if version is None:
        return ()
    texts = (version.system_prompt, *steps.prompts(version.content()))
    return tuple(text for text in texts if text)
