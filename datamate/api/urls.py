from __future__ import annotations

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import DefaultRouter

from datamate.api.errors import not_found
from providers.api import urls as providers
from quality.api import urls as quality
from synthesis.api import urls as synthesis

router = DefaultRouter()
router.include_format_suffixes = False
# Of two with the same prefix the later one counts.
for prefix, viewset in dict([*providers.ROUTES, *synthesis.ROUTES, *quality.ROUTES]).items():
    router.register(prefix, viewset, basename=prefix)

urlpatterns = [
    path("v1/", include(router.urls)),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="api-docs"),
    path("auth/", include("rest_framework.urls")),
    re_path("", not_found),
]
