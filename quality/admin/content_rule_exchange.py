"""Content rules as a file that another installation can read."""

from __future__ import annotations

from typing import Any

from import_export import fields, resources, widgets

from providers.admin.exchange import StructureWidget
from quality.models import ContentRule


class WordsWidget(widgets.Widget):
    """A word list: a JSON list in the file, one word a line in the row."""

    structure = StructureWidget(list)

    def clean(self, value: Any, row: Any = None, **_kwargs: Any) -> str:
        return "\n".join(str(word) for word in self.structure.clean(value))

    def render(self, value: str, obj: Any = None, **_kwargs: Any) -> str:
        return self.structure.render(value.splitlines())


class ContentRuleResource(resources.ModelResource):
    words = fields.Field("words", "words", widget=WordsWidget())
    data_types = fields.Field("data_types", "data_types", widget=StructureWidget(list))
    languages = fields.Field("languages", "languages", widget=StructureWidget(list))

    class Meta:
        model = ContentRule
        import_id_fields = ("name",)
        fields = (
            "name",
            "description",
            "kind",
            "default_action",
            "words",
            "expression",
            "data_types",
            "languages",
        )
        clean_model_instances = True
        skip_unchanged = True
        use_transactions = True
        # Comparing two lists of 100,000 words letter by letter would take minutes.
        skip_html_diff = True
