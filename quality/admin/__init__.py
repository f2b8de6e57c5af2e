from __future__ import annotations

from quality.admin import choices, policies

__all__ = ["choices", "policies"]
