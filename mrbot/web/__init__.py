"""What people and monitors see over HTTP: pages, health and metrics. Nothing here changes anything."""

from __future__ import annotations

from mrbot.web.metrics import Metrics
from mrbot.web.routes import web_blueprint

__all__ = ["Metrics", "web_blueprint"]
