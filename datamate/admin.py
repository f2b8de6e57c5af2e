"""Users, groups and API tokens; the queue's own pages are closed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.db.models import Field, ManyToManyField
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework.authtoken.admin import TokenAdmin as RestTokenAdmin
from rest_framework.authtoken.models import TokenProxy
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

# A row of the queue names a Python function and its arguments: whoever may write one runs
# anything at all on the server.
for queue_model in apps.get_app_config("django_q").get_models():
    if admin.site.is_registered(queue_model):
        admin.site.unregister(queue_model)
for model in (User, Group, TokenProxy):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


# Django stores the names of permissions in English.
PERMISSIONS = {
    "add": _("can add"),
    "change": _("can change"),
    "delete": _("can delete"),
    "view": _("can view"),
    "review": _("can review"),
}
# Their rows have no page, so that a permission for them would mean nothing.
WITHOUT_PAGES = ("admin", "contenttypes", "django_q", "sessions")


class PermissionsField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, permission: Permission) -> str:
        verb = permission.codename.partition("_")[0]
        kind = permission.content_type.app_labeled_name
        return f"{kind} | {PERMISSIONS.get(verb, permission.name)}"


class PermissionsAdmin(ModelAdmin):
    def formfield_for_manytomany(
        self, db_field: ManyToManyField, request: HttpRequest | None = None, **kwargs: Any
    ) -> Field:
        if db_field.related_model is Permission:
            kwargs["form_class"] = PermissionsField
            kwargs["queryset"] = Permission.objects.select_related("content_type").exclude(
                content_type__app_label__in=WITHOUT_PAGES
            )
        return super().formfield_for_manytomany(db_field, request, **kwargs)


@admin.register(User)
class UserAdmin(DjangoUserAdmin, PermissionsAdmin):
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "email", "full_name", "is_active", "is_staff", "is_superuser")

    @display(description=_("name"))
    def full_name(self, user: User) -> str:
        return user.get_full_name()


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, PermissionsAdmin):
    pass


def masked_key(token: TokenProxy) -> str:
    return f"…{token.key[-4:]}"


# A token prints itself as its key, and so would Django's titles, messages and history.
TokenProxy.__str__ = masked_key


@admin.register(TokenProxy)
class TokenAdmin(RestTokenAdmin, ModelAdmin):
    """API tokens: shown once when made, and never in a page or the history again."""

    list_display = ("user", "key_hint", "created")
    list_select_related = ("user",)
    autocomplete_fields = ("user",)

    @display(description=_("token"))
    def key_hint(self, token: TokenProxy) -> str:
        return masked_key(token)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        text = _("The token of %(user)s is %(key)s. Copy it now; it is not shown again.")
        messages.success(request, text % {"user": obj.user, "key": obj.key})
