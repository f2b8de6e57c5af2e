from __future__ import annotations

from django import template

from quality import findings

register = template.Library()
register.filter("sentence", findings.sentence)
