"""The embedded language model: a real one, on this machine's CPU, started on demand.

weights   which GGUF file is served
launcher  gives the address of the running server, and starts it where none runs
server    the serving process: ends when nobody uses it any more
locks     how the processes know of each other
"""

from __future__ import annotations

from providers.local.launcher import ensure_server
from providers.local.weights import Weights, description, is_available

__all__ = ["Weights", "description", "ensure_server", "is_available"]
