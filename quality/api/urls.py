from __future__ import annotations

from quality.api.policies import PolicyViewSet

ROUTES = (("quality-policies", PolicyViewSet),)
