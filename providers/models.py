"""Accounts at vendors, and the language models that they serve."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from providers import catalogue, errors, parameters, secrets, validation
from providers.catalogue import Capability as Capability
from providers.catalogue import Currency as Currency
from providers.clients.types import Account, Family

ADDRESS_NEEDS_KEY = _(
    "The stored API key was given for the old address. Enter the key again together with the "
    "new vendor or address, or remove the key first."
)
MILLION = Decimal(1_000_000)


class ProviderQuerySet(models.QuerySet["Provider"]):
    def enabled(self) -> ProviderQuerySet:
        return self.filter(is_enabled=True)

    def stored_keys(self) -> ProviderQuerySet:
        """Providers whose key lies sealed in the database."""
        return self.exclude(sealed_key="").exclude(sealed_key__startswith="env:")


class Provider(models.Model):
    name = models.CharField(_("name"), max_length=100, unique=True)
    vendor = models.CharField(_("vendor"), max_length=30, choices=catalogue.CHOICES)
    base_url = models.CharField(
        _("address"),
        max_length=500,
        blank=True,
        help_text=_("Leave it empty for the vendor's own address."),
    )
    uid = models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
    sealed_key = models.TextField(editable=False, blank=True)
    key_hint = models.CharField(_("API key"), max_length=120, editable=False, blank=True)
    extra_headers = models.JSONField(
        _("extra headers"),
        default=dict,
        blank=True,
        validators=[validation.check_headers],
        help_text=_(
            "A JSON object of header names and values, sent with every call. "
            "Editors can read them: a secret belongs in the API key."
        ),
    )
    extra_body = models.JSONField(
        _("extra body fields"),
        default=dict,
        blank=True,
        validators=[validation.check_body],
        help_text=_("A JSON object merged into the body of every call."),
    )
    timeout_seconds = models.PositiveIntegerField(
        _("timeout"),
        default=120,
        validators=[MinValueValidator(1), MaxValueValidator(300)],
        help_text=_("Seconds that one call may take in all."),
    )
    max_concurrency = models.PositiveIntegerField(
        _("concurrent calls"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Most calls in flight at once over all tasks; empty for no limit."),
    )
    requests_per_minute = models.PositiveIntegerField(
        _("requests per minute"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    tokens_per_minute = models.PositiveIntegerField(
        _("tokens per minute"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    is_enabled = models.BooleanField(_("enabled"), default=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    _key_was_given = False

    objects: ClassVar[ProviderQuerySet] = ProviderQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("provider")
        verbose_name_plural = _("providers")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.address_changed_without_key():
            raise ValidationError(ADDRESS_NEEDS_KEY)
        super().save(*args, **kwargs)
        self._key_was_given = False

    def clean(self) -> None:
        self.base_url = self.base_url.strip().rstrip("/")
        if self.vendor in catalogue.VENDORS:
            validation.check_address(self.base_url, catalogue.VENDORS[self.vendor])
        if self.address_changed_without_key():
            raise ValidationError({"base_url": ADDRESS_NEEDS_KEY})

    # Mutators

    @sensitive_variables("key")
    def set_key(self, key: str) -> None:
        """Seal key, or keep env:NAME as it is; "" forgets the key. The caller saves.

        Errors: SecretError when no header could carry key, or env:NAME may not hold one.
        """
        key = key.strip()
        secrets.check_key(key)
        if secrets.is_reference(key):
            self.sealed_key = key
        else:
            self.sealed_key = secrets.seal(key, self.seal_context) if key else ""
        self.key_hint = secrets.hint(key) if key else ""
        self._key_was_given = True

    def rotate_key(self) -> bool:
        """Seal the key again with the ring's first key; tell whether that was needed."""
        if secrets.is_current(self.sealed_key):
            return False
        sealed = secrets.seal(
            secrets.open_sealed(self.sealed_key, self.seal_context), self.seal_context
        )
        # A key that was entered anew meanwhile is the one to keep.
        same_key = Provider.objects.filter(pk=self.pk, sealed_key=self.sealed_key)
        return bool(same_key.update(sealed_key=sealed))

    def add_catalogue_models(self) -> list[LanguageModel]:
        """Create the vendor's listed models that this provider lacks, and return them."""
        known = set(self.models.values_list("name", flat=True))
        return LanguageModel.objects.bulk_create(
            LanguageModel.from_catalogue(self, entry)
            for entry in self.catalogue_entry.models
            if entry.name not in known
        )

    def add_model(self, name: str) -> LanguageModel:
        """Return the model of that name, made as the vendor's models usually are if it is new."""
        known = self.models.filter(name=name).first()
        if known is not None:
            return known
        model = LanguageModel.from_catalogue(self, self.catalogue_entry.model(name))
        model.full_clean()
        model.save()
        return model

    # Queries

    def address_changed_without_key(self) -> bool:
        """Whoever may edit the address must not be able to send the stored key there."""
        if self._state.adding or not self.sealed_key or self._key_was_given:
            return False
        stored = Provider.objects.filter(pk=self.pk).values_list("vendor", "base_url").first()
        return stored is not None and stored != (self.vendor, self.base_url)

    @sensitive_variables()
    def account(self) -> Account:
        """Return what a client needs to call this provider, the key in clear.

        Errors: AuthenticationError when the key is missing or cannot be opened.
        """
        vendor = self.catalogue_entry
        return Account(
            family=vendor.family,
            base_url=self.base_url or vendor.base_url,
            api_key=self._open_key(),
            headers=self.extra_headers,
            body=self.extra_body,
            timeout_seconds=self.timeout_seconds,
            max_tokens_field=vendor.max_tokens_field,
        )

    @sensitive_variables()
    def _open_key(self) -> str:
        if not self.sealed_key:
            if self.catalogue_entry.needs_key:
                raise errors.AuthenticationError(str(_("No API key is stored.")))
            return ""
        try:
            if secrets.is_reference(self.sealed_key):
                return secrets.read_reference(self.sealed_key)
            return secrets.open_sealed(self.sealed_key, self.seal_context)
        except secrets.SecretError as error:
            raise errors.AuthenticationError(str(error)) from error

    # Properties

    @property
    def seal_context(self) -> str:
        return f"provider:{self.uid}:api_key"

    @property
    def catalogue_entry(self) -> catalogue.Vendor:
        return catalogue.VENDORS[self.vendor]

    @property
    def family(self) -> Family:
        return self.catalogue_entry.family


class LanguageModelQuerySet(models.QuerySet["LanguageModel"]):
    def enabled(self) -> LanguageModelQuerySet:
        return self.filter(is_enabled=True, provider__is_enabled=True)

    def default(self) -> LanguageModel | None:
        """Return the model that new tasks get: the marked one, else the first usable one."""
        return self.enabled().select_related("provider").order_by("-is_default", "pk").first()


class LanguageModel(models.Model):
    provider = models.ForeignKey(
        Provider, verbose_name=_("provider"), on_delete=models.CASCADE, related_name="models"
    )
    name = models.CharField(
        _("name"), max_length=200, help_text=_("The vendor's own id of the model.")
    )
    label = models.CharField(_("label"), max_length=200, blank=True)
    context_tokens = models.PositiveIntegerField(
        _("context"),
        default=32_768,
        validators=[MinValueValidator(1)],
        help_text=_("Tokens that prompt and answer may have together."),
    )
    max_output_tokens = models.PositiveIntegerField(
        _("longest answer"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Tokens; empty when the vendor gives no limit."),
    )
    input_price = models.DecimalField(
        _("input price"),
        max_digits=12,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("Per million tokens; empty when not known."),
    )
    output_price = models.DecimalField(
        _("output price"),
        max_digits=12,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("Per million tokens; empty when not known."),
    )
    currency = models.CharField(
        _("currency"), max_length=3, choices=Currency.choices, default=Currency.USD
    )
    capabilities = models.JSONField(
        _("capabilities"),
        default=list,
        blank=True,
        validators=[validation.check_capabilities],
        help_text=_("What the model takes and can do, a list out of: %(names)s.")
        % {"names": ", ".join(Capability.values)},
    )
    default_parameters = models.JSONField(
        _("default parameters"),
        default=dict,
        blank=True,
        validators=[parameters.check_parameters],
        help_text=_("A JSON object, such as temperature or max_tokens; a task may override it."),
    )
    is_enabled = models.BooleanField(_("enabled"), default=True)
    is_default = models.BooleanField(
        _("default"), default=False, help_text=_("New tasks use this model.")
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    objects: ClassVar[LanguageModelQuerySet] = LanguageModelQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("language model")
        verbose_name_plural = _("language models")
        ordering = ["provider__name", "name"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "name"], name="language_model_name"),
            models.UniqueConstraint(
                fields=["is_default"],
                condition=models.Q(is_default=True),
                name="language_model_single_default",
            ),
            models.CheckConstraint(
                condition=models.Q(is_default=False) | models.Q(is_enabled=True),
                name="language_model_default_is_enabled",
                violation_error_message=_("The default model must be enabled."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider.name} / {self.label or self.name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            if self.is_default:
                others = LanguageModel.objects.filter(is_default=True).exclude(pk=self.pk)
                others.update(is_default=False)
            super().save(*args, **kwargs)

    def clean(self) -> None:
        if self.max_output_tokens and self.max_output_tokens > self.context_tokens:
            raise ValidationError(
                {"max_output_tokens": _("The longest answer must fit into the context.")}
            )
        # The constraint says the same, but goes unchecked while is_default is excluded.
        if self.is_default and not self.is_enabled:
            raise ValidationError({"is_enabled": _("The default model must be enabled.")})

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        # Save takes the mark from the model that has it, so a second one is no mistake.
        super().validate_constraints(exclude={*(exclude or ()), "is_default"})

    # Factories

    @classmethod
    def from_catalogue(cls, provider: Provider, entry: catalogue.CatalogueModel) -> LanguageModel:
        return cls(
            provider=provider,
            name=entry.name,
            label=entry.label,
            context_tokens=entry.context_tokens,
            max_output_tokens=entry.max_output_tokens,
            input_price=entry.input_price,
            output_price=entry.output_price,
            currency=entry.currency,
            capabilities=list(entry.capabilities),
            default_parameters=dict(entry.parameters),
        )

    # Mutators

    def make_default(self) -> None:
        self.is_default = True
        self.save(update_fields=["is_default", "updated_at"])

    # Queries

    def can(self, capability: Capability) -> bool:
        return capability in self.capabilities

    def cost(self, prompt_tokens: int | None, completion_tokens: int | None) -> Decimal | None:
        """Return the price of one call in the model's currency; None where not known."""
        if self.input_price is None or self.output_price is None:
            return None
        if prompt_tokens is None or completion_tokens is None:
            return None
        money = self.input_price * prompt_tokens + self.output_price * completion_tokens
        return money / MILLION

    def split_parameters(self, given: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
        """Return what is sent of the defaults and given, and the given names not taken."""
        return parameters.split(
            {**self.default_parameters, **given},
            family=self.provider.family,
            capabilities=self.capabilities,
            max_output_tokens=self.max_output_tokens,
        )
