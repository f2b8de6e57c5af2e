"""Why a document could not be read, in a sentence each."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from synthesis.tables import UnreadableFileError

SENTENCES = {
    "unknown_document": _(
        "Files called .{detail} cannot be read; take TXT, MD, HTML, PDF, DOCX, XLSX, CSV, JSON or"
        " JSONL."
    ),
    "no_text": _("The file holds no text."),
    "scanned_pdf": _(
        "None of its {detail} pages holds text: they are pictures. Have the text recognised (OCR),"
        " and upload it again."
    ),
    "password": _("The file is protected by a password. Save it without one, and upload it again."),
    "not_a_pdf": _("This is no PDF file, or it is damaged."),
    "not_a_docx": _("This is no DOCX file, or it is damaged."),
    "document_bomb": _("The file unpacks to {detail} MB, more than is allowed."),
    "too_many_pages": _("The file has {detail} pages, more than are allowed. Split it."),
    "document_too_long": _("The text is longer than {detail} million characters. Split the file."),
    "html_too_deep": _("The page is nested too deep to be read."),
    "took_too_long": _("The file was not read within {detail} seconds, and was given up."),
    "reader_died": _(
        "The file took more memory than is allowed, or broke its reader; it may be damaged."
    ),
}


class UnreadableDocumentError(UnreadableFileError):
    def __str__(self) -> str:
        return str(SENTENCES[self.code]).format(detail=self.detail)
