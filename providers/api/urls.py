from __future__ import annotations

from providers.api.views import LanguageModelViewSet, ProviderViewSet

ROUTES = (("providers", ProviderViewSet), ("language-models", LanguageModelViewSet))
