from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_delete
from django.utils.translation import gettext_lazy as _


class SynthesisConfig(AppConfig):
    name = "synthesis"
    verbose_name = _("Data synthesis")

    def ready(self) -> None:
        from synthesis import importing, mixing, reasons, source_loading
        from synthesis.documents import errors as documents
        from synthesis.engine import background, works
        from synthesis.engine.generation import Generation
        from synthesis.models import Batch, DatasetImport, SourceFile
        from synthesis.models.mixture import KIND
        from synthesis.tables import rows

        reasons.add(rows.SENTENCES)
        reasons.add(documents.SENTENCES)
        post_delete.connect(
            importing.forget_file_of, sender=DatasetImport, dispatch_uid="forget_file_of"
        )
        post_delete.connect(
            source_loading.forget_file_of, sender=SourceFile, dispatch_uid="forget_source_file"
        )
        background.register("source", title=_("Loading of a source"), work=source_loading.load)
        background.register("import", title=_("Import of a file"), work=importing.read_file)
        background.register(KIND, title=_("Mixture"), work=mixing.mix)
        reasons.add(mixing.REASONS)
        for kind in Batch.MAKING:
            works.register(kind, Generation())
