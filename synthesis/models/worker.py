from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class WorkerQuerySet(models.QuerySet["Worker"]):
    def runners(self) -> WorkerQuerySet:
        return self.filter(role=Worker.Role.RUNNER)

    def supervisors(self) -> WorkerQuerySet:
        return self.filter(role=Worker.Role.SUPERVISOR)


class Worker(models.Model):
    """A process that serves runs or jobs, or their supervisor; its heartbeat is its lease."""

    class Role(models.TextChoices):
        RUNNER = "runner", _("runner")
        JOB = "job", _("job worker")
        SUPERVISOR = "supervisor", _("supervisor")

    role = models.CharField(_("role"), max_length=10, choices=Role)
    host = models.CharField(_("host"), max_length=255)
    pid = models.PositiveIntegerField(_("process"))
    started_at = models.DateTimeField(_("started at"))
    heartbeat_at = models.DateTimeField(_("latest heartbeat"), db_index=True)
    is_draining = models.BooleanField(_("draining"), default=False)

    objects = WorkerQuerySet.as_manager()

    class Meta:
        verbose_name = _("worker")
        verbose_name_plural = _("workers")
        ordering = ["-heartbeat_at"]

    def __str__(self) -> str:
        return f"{self.role} {self.pid}@{self.host}"


class Seat(models.Model):
    """How many calls of a run one worker may have in flight.

    The seats of a run never add up to more than its concurrency.
    """

    worker = models.ForeignKey(Worker, models.CASCADE, related_name="seats")
    run = models.ForeignKey("synthesis.Run", models.CASCADE, related_name="seats")
    slots = models.PositiveIntegerField(_("calls"))

    class Meta:
        verbose_name = _("seat")
        verbose_name_plural = _("seats")
        constraints = [models.UniqueConstraint(fields=["worker", "run"], name="one_seat_per_run")]

    def __str__(self) -> str:
        return f"{self.worker}: {self.slots}"
