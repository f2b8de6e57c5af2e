from __future__ import annotations

from typing import Any

from rest_framework.serializers import BaseSerializer


class Rereading:
    """Answer a write with the row as a read would show it, annotations included."""

    def perform_create(self, serializer: BaseSerializer[Any]) -> None:
        self.answer(serializer, serializer.save(created_by=self.request.user))

    def perform_update(self, serializer: BaseSerializer[Any]) -> None:
        self.answer(serializer, serializer.save())

    def answer(self, serializer: BaseSerializer[Any], row: Any) -> None:
        serializer.instance = self.get_queryset().get(pk=row.pk)
