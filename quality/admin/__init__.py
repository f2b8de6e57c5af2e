from __future__ import annotations

from quality.admin import choices, judgements, policies, records, rubrics

__all__ = ["choices", "judgements", "policies", "records", "rubrics"]
