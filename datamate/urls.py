from __future__ import annotations

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
    path("admin/", admin.site.urls),
    path("api/", include("datamate.api.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
]
handler400 = "datamate.api.errors.bad_request"
handler500 = "datamate.api.errors.server_error"
