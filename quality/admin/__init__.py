from __future__ import annotations

from quality.admin import choices, judgements, policies, rubrics

__all__ = ["choices", "judgements", "policies", "rubrics"]
