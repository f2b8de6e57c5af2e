from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from providers.models import LanguageModel
from synthesis import content_rules, expectations, steps
from synthesis.models.fields import OrderedJSONField
from synthesis.models.versions import Content, LibraryItem, Version


class TemplateType(models.TextChoices):
    QA = "qa", _("Question and answer")
    DIALOGUE = "dialogue", _("Multi-turn dialogue")
    SUMMARY = "summary", _("Summary")
    CLASSIFICATION = "classification", _("Classification / sentiment")
    CHAIN_OF_THOUGHT = "chain_of_thought", _("Chain of thought")
    INSTRUCTION = "instruction", _("Instruction")
    REWRITE = "rewrite", _("Rewriting")
    PREFERENCE = "preference", _("Preference pair (DPO)")
    CUSTOM = "custom", _("Custom")


class Preset(models.TextChoices):
    NONE = "", _("None")
    HIGH_QUALITY = "high_quality", _("High quality")
    FAST = "fast", _("Fast generation")
    CREATIVE = "creative", _("Creative generation")


class PromptContent(Content):
    """What a template says to the model; the same columns in the draft and in each version."""

    CONTENT_FIELDS = (
        "system_prompt",
        "prompt",
        "variables",
        "output_schema",
        "examples",
        "preset",
        "parameters",
        "language_model_id",
        "expected_language",
        "code_fields",
        "compared_fields",
        "steps",
    )

    system_prompt = models.TextField(_("system prompt"), blank=True)
    prompt = models.TextField(
        _("prompt"),
        help_text=_(
            "Write variables as {topic}; {{topic}} prints the braces, and every other brace is"
            " plain text. Built in: {count}, {current_date}, {current_time}, {random_id},"
            " {index}, {seed}."
        ),
    )
    variables = OrderedJSONField(
        _("variables"),
        default=list,
        blank=True,
        help_text=_(
            "A JSON list of objects with name, type (text, integer, number, choice, list,"
            " boolean), default, required, description and choices."
        ),
    )
    output_schema = OrderedJSONField(
        _("output schema"),
        default=dict,
        blank=True,
        help_text=_(
            "JSON schema of one record. Left empty, it is read from the JSON example in the prompt."
        ),
    )
    examples = OrderedJSONField(
        _("few-shot examples"),
        default=list,
        blank=True,
        help_text=_("A JSON list of objects with input (optional) and output."),
    )
    preset = models.CharField(
        _("parameter preset"), max_length=20, choices=Preset, blank=True, default=Preset.NONE
    )
    parameters = OrderedJSONField(
        _("parameters"),
        default=dict,
        blank=True,
        help_text=_(
            "A JSON object, for example temperature, top_p, max_tokens; it wins over the preset."
        ),
    )
    language_model = models.ForeignKey(
        LanguageModel,
        models.SET_NULL,
        verbose_name=_("model"),
        null=True,
        blank=True,
        related_name="+",
        help_text=_("The model that tasks take unless they name another."),
    )
    expected_language = models.CharField(
        _("expected language"),
        max_length=5,
        choices=expectations.CHOICES,
        blank=True,
        help_text=_("Records in another language are refused. Empty: any language."),
    )
    code_fields = OrderedJSONField(
        _("code fields"),
        default=dict,
        blank=True,
        help_text=_(
            "A JSON object of fields and what their code must parse as: json, python or sql."
            ' Example: {"query": "sql"}.'
        ),
    )
    compared_fields = OrderedJSONField(
        _("compared fields"),
        default=list,
        blank=True,
        help_text=_(
            "A JSON list of the fields that make two records duplicates, such as"
            ' ["question"]. Empty: all fields.'
        ),
    )
    steps = OrderedJSONField(
        _("later steps"),
        default=list,
        blank=True,
        help_text=_(
            "Calls that go on with each record: a JSON list of objects with a prompt and the"
            " fields that it fills. The prompt above fills the other fields; a later prompt may"
            " use what was filled before it, such as {question}."
        ),
    )

    class Meta:
        abstract = True


class PromptTemplate(LibraryItem, PromptContent):
    """A prompt with variables; every saved change of its content is a version."""

    COPIED_FIELDS = ("type",)

    name = models.CharField(_("template name"), max_length=200, unique=True)
    type = models.CharField(
        _("template type"), max_length=20, choices=TemplateType, default=TemplateType.QA
    )

    class Meta(LibraryItem.Meta):
        verbose_name = _("prompt template")
        verbose_name_plural = _("prompt templates")

    def clean(self) -> None:
        super().clean()
        self.check_content()
        given = self.content()
        self.complete()
        # What the prompt brings in by itself must pass as well: the names of its variables,
        # their number, and the schema of its example.
        if self.content() != given:
            self.check_content()

    def check_content(self) -> None:
        if problems := content_rules.problems(self.content()):
            raise ValidationError(problems)

    def complete(self) -> None:
        """Declare what the prompts use, and read a missing schema from their JSON examples."""
        self.output_schema = steps.schema_of(self.content())
        self.variables = [*self.variables, *content_rules.undeclared(self.content())]

    def put_history(self, versions: list[TemplateVersion]) -> None:
        """Put the versions of an import, oldest first, before the content of a new template."""
        with transaction.atomic():
            self.versions.all().delete()
            for version in versions:
                version.template = self
            TemplateVersion.objects.bulk_create(versions)
            self.save()

    def restore(self, version: TemplateVersion) -> None:
        """Make an older version's content the newest version."""
        for name, value in version.content().items():
            setattr(self, name, value)
        self.save()


class TemplateVersion(Version, PromptContent):
    """What a template said at one time; never changed, so that runs can be explained."""

    template = models.ForeignKey(
        PromptTemplate, models.CASCADE, verbose_name=_("template"), related_name="versions"
    )

    class Meta:
        verbose_name = _("template version")
        verbose_name_plural = _("template versions")
        ordering = ["template", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["template", "number"], name="one_version_per_number")
        ]

    def __str__(self) -> str:
        return f"{self.template.name} v{self.number}"
