from __future__ import annotations

from providers.admin import language_model, provider

__all__ = ["language_model", "provider"]
