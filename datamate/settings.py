"""All settings, read from the environment; docs/settings.md explains each."""

from __future__ import annotations

import re
import socket
from pathlib import Path
from typing import Any

from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

from datamate import database, environment

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = environment.folder("DATAMATE_DATA_DIR", str(BASE_DIR / "var"))

VERSION = re.findall(
    r"^## (\d+\.\d+\.\d+)", (BASE_DIR / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE
)[0]

# Security

SECRET_KEY = environment.generated_secret("DATAMATE_SECRET_KEY", DATA_DIR / "secret_key")
DATAMATE_ENCRYPTION_KEYS = [
    key.strip()
    for key in environment.generated_secret(
        "DATAMATE_ENCRYPTION_KEYS", DATA_DIR / "encryption_keys"
    ).split(",")
]
DATAMATE_ALLOWED_PRIVATE_HOSTS = environment.words("DATAMATE_ALLOWED_PRIVATE_HOSTS")
DEBUG = environment.boolean("DATAMATE_DEBUG")
ALLOWED_HOSTS = environment.words("DATAMATE_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = environment.words("DATAMATE_TRUSTED_ORIGINS")
DATAMATE_HTTPS = environment.boolean("DATAMATE_HTTPS")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = DATAMATE_HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if DATAMATE_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = DATAMATE_HTTPS
if environment.boolean("DATAMATE_BEHIND_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "SAMEORIGIN"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# Applications

INSTALLED_APPS = [
    # Not "unfold" alone: its default configuration puts a site of its own in place of ours.
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.import_export",
    # After Unfold, whose templates stand in for Django's.
    "datamate.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_q",
    "import_export",
    "rest_framework",
    "rest_framework.authtoken",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "datamate.apps.DatamateConfig",
    "providers",
    "synthesis",
    "quality",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "datamate.urls"
WSGI_APPLICATION = "datamate.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
DATABASES = {"default": database.configuration(environment.text("DATABASE_URL"), DATA_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Language and time

LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LANGUAGE_CODE = environment.choice("DATAMATE_LANGUAGE", "en", list(dict(LANGUAGES)))
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = environment.time_zone("DATAMATE_TIME_ZONE", "UTC")
USE_TZ = True

LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

# Files

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True
MEDIA_ROOT = DATA_DIR / "uploads"
DATAMATE_UPLOAD_MEGABYTES = environment.integer("DATAMATE_UPLOAD_MEGABYTES", 1024, minimum=1)
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024

# Queue and engine

DATAMATE_WORKERS = environment.integer("DATAMATE_WORKERS", 2, minimum=1)
DATAMATE_JOB_WORKERS = environment.integer("DATAMATE_JOB_WORKERS", 1, minimum=1)
DATAMATE_SLICE_SECONDS = environment.integer("DATAMATE_SLICE_SECONDS", 30, minimum=1)
DATAMATE_CALL_DEADLINE_SECONDS = environment.integer(
    "DATAMATE_CALL_DEADLINE_SECONDS", 300, minimum=1
)
DATAMATE_STOP_SECONDS = environment.integer("DATAMATE_STOP_SECONDS", 30)
DATAMATE_STALL_WINDOW_BATCHES = environment.integer("DATAMATE_STALL_WINDOW_BATCHES", 20, minimum=1)
DATAMATE_STALL_MIN_ACCEPTANCE = environment.fraction("DATAMATE_STALL_MIN_ACCEPTANCE", 0.02)
DATAMATE_LOCAL_MODEL_PATH = environment.text("DATAMATE_LOCAL_MODEL_PATH")
DATAMATE_REDIS_URL = environment.text("DATAMATE_REDIS_URL")

Q_TIMEOUT_SECONDS = DATAMATE_SLICE_SECONDS + DATAMATE_CALL_DEADLINE_SECONDS + 30
Q_CLUSTER: dict[str, Any] = {
    "name": "datamate",
    # A queue for each host; the name, the same on all, signs what is queued.
    "cluster_name": f"datamate-{socket.gethostname()}"[:100],
    "workers": DATAMATE_WORKERS + DATAMATE_JOB_WORKERS,
    "timeout": Q_TIMEOUT_SECONDS,
    "retry": 2 * Q_TIMEOUT_SECONDS,
    "max_attempts": 1,
    "ack_failures": True,
    "queue_limit": 1,
    "bulk": 1,
    "save_limit": -1,
    "catch_up": False,
    "poll": 0.2,
    "recycle": 1_000_000,
    "guard_cycle": 0.5,
    "label": "Queue",
    **({"redis": DATAMATE_REDIS_URL} if DATAMATE_REDIS_URL else {"orm": "default"}),
}

# API

API_REQUESTS_PER_MINUTE = environment.integer("DATAMATE_API_REQUESTS_PER_MINUTE", 600)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PARSER_CLASSES": ["datamate.api.parsers.StrictJSONParser"],
    "DEFAULT_PERMISSION_CLASSES": ["datamate.api.permissions.ModelPermissions"],
    "DEFAULT_FILTER_BACKENDS": [
        "django_filters.rest_framework.DjangoFilterBackend",
        "rest_framework.filters.SearchFilter",
        "rest_framework.filters.OrderingFilter",
    ],
    "DEFAULT_PAGINATION_CLASS": "datamate.api.pagination.Pagination",
    "DEFAULT_SCHEMA_CLASS": "datamate.api.schema.DocumentedSchema",
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.UserRateThrottle",
        "rest_framework.throttling.AnonRateThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": dict.fromkeys(
        ("user", "anon"),
        f"{API_REQUESTS_PER_MINUTE}/min" if API_REQUESTS_PER_MINUTE else None,
    ),
    "EXCEPTION_HANDLER": "datamate.api.errors.error_response",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "DataMate Synthesis API",
    "VERSION": VERSION,
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "TaskStatus": "synthesis.api.filters.TASK_STATUSES",
        "RatioTaskStatus": "synthesis.models.RatioTask.Status",
        "RunStatus": "synthesis.models.Run.Status",
        "BatchKind": "synthesis.models.Batch.Kind",
        "ContentRuleKind": "quality.content.kinds.Kind",
        "BatchState": "synthesis.models.Batch.State",
        "RecordStatus": "synthesis.models.Record.Status",
        "RecordReview": "synthesis.models.Record.Review",
        "ReviewOrder": "quality.api.reviews.ORDERS",
        "ReviewEventAction": "quality.models.review.ReviewEvent.Action",
        "TypeEnum": "synthesis.models.TemplateType",
        "Language": "synthesis.expectations.CHOICES",
        "DatasetJobStatus": "quality.models.dataset_job.DatasetJob.Status",
        "PolicyCheckStage": "quality.models.PolicyCheck.Stage",
        "DeduplicationStage": "quality.models.Deduplication.Step",
        "RepeatStatus": "quality.models.Repeat.State",
        "JudgementState": "quality.models.Judgement.State",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "datamate.api.schema.without_integer_sizes",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True
IMPORT_EXPORT_SKIP_ADMIN_LOG = False

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _("DataMate Synthesis"),
    "SITE_HEADER": _("DataMate Synthesis"),
    "SITE_SYMBOL": "dataset",
    "SHOW_LANGUAGES": True,
    "SHOW_VIEW_ON_SITE": False,
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda _request: static("datamate/icon.svg"),
        }
    ],
    "GLOBAL_CALLBACK": "datamate.dashboard.shared",
    "DASHBOARD_CALLBACK": "datamate.dashboard.context",
    "STYLES": [
        lambda _request: static("datamate/admin.css"),
        lambda _request: static("quality/admin.css"),
    ],
    "SCRIPTS": [
        lambda _request: static("datamate/editors.js"),
        lambda _request: static("datamate/admin.js"),
        lambda _request: static("quality/rubric.js"),
    ],
    "SIDEBAR": {"show_search": True, "navigation": "datamate.navigation.sections"},
    "TABS": "datamate.navigation.tabs",
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {
        "handlers": ["console"],
        "level": environment.choice(
            "DATAMATE_LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR")
        ),
    },
    "loggers": {name: {"level": "WARNING"} for name in ("httpx2", "httpx", "django-q")},
}
