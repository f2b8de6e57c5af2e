from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from quality.content import MASKABLE, Action, DataType, Definition, Kind, expressions, wordlists
from quality.models.shipped import Shipped
from synthesis.expectations import LANGUAGES
from synthesis.models.authorship import Revised
from synthesis.models.fields import OrderedJSONField

EMPTY = {"words": str, "expression": str, "data_types": list, "languages": list}


class ContentRule(Shipped, Revised):
    """Something that records should not say; a policy switches it on and decides what happens."""

    # What a rule of each kind is made of; every other column is emptied.
    PARTS = {
        Kind.WORDS: "words",
        Kind.EXPRESSION: "expression",
        Kind.PERSONAL: "data_types",
        Kind.LANGUAGE: "languages",
    }

    name = models.CharField(_("rule name"), max_length=200, unique=True)
    kind = models.CharField(
        _("kind"),
        max_length=20,
        choices=Kind,
        default=Kind.WORDS,
        help_text=_("What the rule looks for."),
    )
    default_action = models.CharField(
        _("suggested action"),
        max_length=10,
        choices=Action,
        default=Action.FLAG,
        help_text=_("What a policy does unless it says otherwise."),
    )
    words = models.TextField(
        _("words"),
        blank=True,
        help_text=_(
            "One a line. Latin words are found only where they stand alone, others anywhere;"
            " upper and lower case are the same."
        ),
    )
    words_count = models.PositiveIntegerField(_("number of words"), default=0, editable=False)
    expression = models.CharField(
        _("regular expression"),
        max_length=expressions.LONGEST,
        blank=True,
        help_text=_("In the syntax of Python; (?i) at its beginning ignores case."),
    )
    data_types = OrderedJSONField(_("kinds of data"), default=list, blank=True)
    languages = OrderedJSONField(
        _("allowed languages"),
        default=list,
        blank=True,
        help_text=_("None chosen: the language of the prompt."),
    )

    class Meta:
        verbose_name = _("content rule")
        verbose_name_plural = _("content rules")
        ordering = ["name"]

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.words_count = len(self.words.splitlines())
        super().save(*args, **kwargs)

    def clean(self) -> None:
        super().clean()
        if self.kind not in Kind.values:
            return
        part = self.PARTS.get(Kind(self.kind))
        for name in EMPTY.keys() - {part}:
            setattr(self, name, EMPTY[name]())
        problems = self._problems()
        if self.default_action == Action.MASK and self.kind not in MASKABLE:
            problems["default_action"] = _("What this kind of rule finds cannot be masked.")
        if problems:
            raise ValidationError(problems)

    def _problems(self) -> dict[str, Any]:
        """Check the part that the rule is made of, and put it in order."""
        try:
            if self.kind == Kind.WORDS:
                self.words = "\n".join(wordlists.tidy(self.words))
            elif self.kind == Kind.EXPRESSION:
                expressions.check(self.expression)
        except wordlists.WordListError as error:
            return {"words": str(error)}
        except expressions.ExpressionError as error:
            return {"expression": str(error)}
        if self.kind == Kind.PERSONAL and not _all_in(self.data_types, DataType.values, least=1):
            return {"data_types": _("Choose what to look for.")}
        if self.kind == Kind.LANGUAGE and not _all_in(self.languages, list(LANGUAGES), least=0):
            return {"languages": _("Choose languages of the list.")}
        return {}

    @property
    def definition(self) -> Definition:
        return Definition(
            kind=self.kind,
            words=self.words.splitlines(),
            expression=self.expression,
            data_types=self.data_types,
            languages=self.languages,
        )


def _all_in(chosen: Any, known: list[str], *, least: int) -> bool:
    return (
        isinstance(chosen, list)
        and len(chosen) >= least
        and all(isinstance(name, str) and name in known for name in chosen)
    )
