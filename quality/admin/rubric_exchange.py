"""Rubrics as a file that another installation can read."""

from __future__ import annotations

from import_export import fields, resources

from providers.admin.exchange import StructureWidget
from quality.models import Rubric


class RubricResource(resources.ModelResource):
    dimensions = fields.Field("dimensions", "dimensions", widget=StructureWidget(list))

    class Meta:
        model = Rubric
        import_id_fields = ("name",)
        fields = (
            "name",
            "description",
            "template_type",
            "is_enabled",
            "instructions",
            "dimensions",
        )
        clean_model_instances = True
        skip_unchanged = True
        use_transactions = True
