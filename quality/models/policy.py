from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from providers.models import LanguageModel
from quality.content import MASKABLE, Action
from quality.models.content_rule import ContentRule
from quality.models.rubric import Rubric
from quality.models.shipped import Shipped
from quality.scoring import HEAVIEST, PARTS, Weights
from synthesis.models.fields import OrderedJSONField
from synthesis.models.versions import Content, Version, Versioned, VersionedQuerySet

POINTS = [MinValueValidator(0), MaxValueValidator(100)]
SHARE = [MinValueValidator(0.3), MaxValueValidator(1)]


class PolicyContent(Content):
    """What is asked of a record; the same columns in the policy and in each version."""

    CONTENT_FIELDS = (
        "near_duplicates",
        "duplicate_threshold",
        "refuse_empty_fields",
        "min_characters",
        "max_characters",
        "check_language",
        "check_code",
        "repair_rounds",
        "rules",
        "weights",
        "minimum_score",
        "rubric_id",
        "judge_model_id",
        "judge_share",
        "judge_threshold",
        "second_judge_model_id",
        "judge_disagreement",
        "records_per_judge_call",
    )

    near_duplicates = models.BooleanField(
        _("near duplicates"),
        default=True,
        help_text=_(
            "Also refuse records that say the same in slightly other words. Records that differ"
            " in a number, a name or a negation are kept and linked as variants."
        ),
    )
    duplicate_threshold = models.FloatField(
        _("similarity of duplicates"),
        null=True,
        blank=True,
        validators=SHARE,
        help_text=_(
            "0.3 to 1: the share of its text that a record has in common with its twin. Lower"
            " finds looser copies and more false ones. Empty: what was measured to be best."
        ),
    )
    refuse_empty_fields = models.BooleanField(
        _("refuse empty fields"),
        default=True,
        help_text=_("A required field that is blank, or says N/A, makes a record malformed."),
    )
    min_characters = models.PositiveIntegerField(
        _("shortest record"), null=True, blank=True, help_text=_("In characters, of all fields.")
    )
    max_characters = models.PositiveIntegerField(
        _("longest record"), null=True, blank=True, help_text=_("In characters, of all fields.")
    )
    check_language = models.BooleanField(
        _("check the language"),
        default=True,
        help_text=_("Refuse records in another language than the template expects."),
    )
    check_code = models.BooleanField(
        _("check code"),
        default=True,
        help_text=_("Refuse records whose code fields, as the template names them, do not parse."),
    )
    repair_rounds = models.PositiveSmallIntegerField(
        _("repair rounds"),
        default=0,
        validators=[MaxValueValidator(1)],
        help_text=_("1: the model gets a malformed record back once, with what is wrong with it."),
    )
    rules = OrderedJSONField(
        _("content rules"),
        default=list,
        blank=True,
        help_text=_("A JSON list of objects with rule (its number) and action."),
    )
    weights = OrderedJSONField(
        _("weights of the score"),
        default=dict,
        blank=True,
        help_text=_("A JSON object: part of the score to weight. Empty: all parts as usual."),
    )
    minimum_score = models.FloatField(
        _("minimum score"),
        default=0,
        validators=POINTS,
        help_text=_("0 to 100: records with a lower rule score are rejected. 0 rejects none."),
    )
    rubric = models.ForeignKey(
        Rubric,
        models.PROTECT,
        verbose_name=_("rubric"),
        null=True,
        blank=True,
        related_name="+",
        help_text=_("What the judge scores by; a run keeps the version that it started with."),
    )
    # Protected: a policy that lost its judge would let everything pass.
    judge_model = models.ForeignKey(
        LanguageModel,
        models.PROTECT,
        verbose_name=_("judge model"),
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Scores records by the rubric. Take another model than the one that writes."),
    )
    judge_share = models.PositiveSmallIntegerField(
        _("records judged"),
        default=100,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("In percent; the others pass without the judge."),
    )
    judge_threshold = models.FloatField(
        _("judge's pass mark"),
        default=60,
        validators=POINTS,
        help_text=_("0 to 100: records that the judge scores lower are rejected and made again."),
    )
    second_judge_model = models.ForeignKey(
        LanguageModel,
        models.PROTECT,
        verbose_name=_("second judge model"),
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Judges the same records without seeing the first; the mean counts."),
    )
    judge_disagreement = models.FloatField(
        _("points between two judges"),
        default=25,
        validators=POINTS,
        help_text=_(
            "0 to 100: a record whose two scores lie further apart gets a finding, so that people"
            " look at it. Nothing is rejected for that; 100 never gives one."
        ),
    )
    records_per_judge_call = models.PositiveSmallIntegerField(
        _("records per judge call"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(20)],
        help_text=_("More is cheaper; one is the most careful."),
    )

    class Meta:
        abstract = True

    def clean(self) -> None:
        super().clean()
        problems = self._judge_problems()
        if None not in (self.min_characters, self.max_characters) and (
            self.min_characters > self.max_characters
        ):
            problems["max_characters"] = _("The longest record is shorter than the shortest one.")
        if problem := rules_problem(self.rules):
            problems["rules"] = problem
        try:
            Weights.of(self.weights)
        except (TypeError, ValueError):
            text = _(
                "The weights are an object that gives parts of the score a number from 0 to"
                " %(most)d, not all of them 0. The parts are: %(parts)s."
            )
            problems["weights"] = text % {"most": HEAVIEST, "parts": ", ".join(PARTS)}
        if problems:
            raise ValidationError(problems)

    def _judge_problems(self) -> dict[str, Any]:
        if self.second_judge_model_id and not self.judge_model_id:
            return {"judge_model": _("A second judge needs a first one.")}
        if self.judge_model_id and not self.rubric_id:
            return {"rubric": _("A judge needs a rubric to score by. Choose one.")}
        if self.rubric_id and not self.rubric.is_enabled:
            return {"rubric": _("This rubric is switched off. Enable it or choose another.")}
        if self.judge_model_id and self.judge_model_id == self.second_judge_model_id:
            return {"second_judge_model": _("The second judge must be another model.")}
        return {}


def rules_problem(rules: Any) -> Any:
    """Say what is wrong with the content rules of a policy; None when nothing is."""
    try:
        actions = {row["rule"]: Action(row["action"]) for row in rules}
    except (TypeError, KeyError, ValueError):
        actions = {None: None}
    if not (isinstance(rules, list) and all(type(pk) is int for pk in actions)):
        return _("Each rule is an object with rule and action: reject, flag or mask.")
    # Compared here, for a number may be larger than databases take.
    rows = ContentRule.objects.values_list("pk", "kind") if actions else ()
    kinds = {pk: kind for pk, kind in rows if pk in actions}
    if unknown := [str(pk) for pk in actions if pk not in kinds]:
        text = _("There is no content rule with the number %(numbers)s.")
        return ValidationError(text, params={"numbers": ", ".join(unknown)})
    if any(actions[pk] == Action.MASK and kind not in MASKABLE for pk, kind in kinds.items()):
        return _("Only what words, personal data, addresses and expressions find can be masked.")
    return None


class QualityPolicyQuerySet(VersionedQuerySet):
    def default(self) -> QualityPolicy | None:
        return self.filter(is_default=True).first()


class QualityPolicy(Shipped, Versioned, PolicyContent):
    """What a team asks of its records, under a name; every saved change is a version."""

    name = models.CharField(_("policy name"), max_length=200, unique=True)
    is_default = models.BooleanField(
        _("default"),
        default=False,
        help_text=_("Counts wherever no policy is chosen. One policy is the default."),
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    objects = QualityPolicyQuerySet.as_manager()

    class Meta:
        verbose_name = _("quality policy")
        verbose_name_plural = _("quality policies")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=models.Q(is_default=True),
                name="one_default_policy",
            )
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            if self.is_default:
                others = QualityPolicy.objects.filter(is_default=True).exclude(pk=self.pk)
                others.update(is_default=False)
            super().save(*args, **kwargs)

    def validate_constraints(self, exclude: Any = None) -> None:
        """Leave the default to save(), which takes it from the policy that had it."""
        super().validate_constraints(exclude={*(exclude or ()), "is_default"})


class PolicyVersion(Version, PolicyContent):
    """What a policy asked at one time; never changed, so that a record's fate can be explained."""

    policy = models.ForeignKey(
        QualityPolicy, models.CASCADE, verbose_name=_("quality policy"), related_name="versions"
    )

    class Meta:
        verbose_name = _("policy version")
        verbose_name_plural = _("policy versions")
        ordering = ["policy", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["policy", "number"], name="one_policy_per_number")
        ]

    def __str__(self) -> str:
        return f"{self.policy} v{self.number}"
