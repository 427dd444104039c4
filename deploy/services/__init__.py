"""Finds RabbitMQ and PostgreSQL for tests, demo, benchmarks and fault runs, or starts them; not for production."""

from deploy.services.environment import Services
from deploy.services.errors import ServicesError
from deploy.services.local import local_services
from deploy.services.server import Server

__all__ = ["Server", "Services", "ServicesError", "local_services"]
