"""Whether this process traces: the environment asks for it, and the extra `otel` is installed."""

import os
from collections.abc import Mapping
from typing import Literal

from worker.tracing.spans import STATE

#: The standard's own names; ours goes before them.
ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
DISABLED = "OTEL_SDK_DISABLED"

#: off: nobody asks for traces; lacking: somebody does, and the extra is not installed.
Begun = Literal["on", "off", "lacking"]


def begin(endpoint: str, service: str, version: str, environ: Mapping[str, str] = os.environ) -> Begun:
    """Trace this process from now on, if somebody asks for it: by our endpoint, or by the standard's."""
    is_asked = bool(endpoint or any(environ.get(name) for name in ENDPOINTS))
    if not is_asked or environ.get(DISABLED, "").lower() == "true":
        return "off"
    try:
        from worker.tracing.otel import exporting  # noqa: PLC0415 (an extra, and slow to import)
    except ImportError:
        return "lacking"
    STATE.tracing = exporting(endpoint, service, version)
    return "on"
