"""Traces for OpenTelemetry, where somebody asks for them (the extra `otel`); elsewhere nothing of it is imported."""
