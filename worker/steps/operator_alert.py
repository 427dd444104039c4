"""What an operator must see at once: told after the commit that made it true."""

from __future__ import annotations

from collections.abc import Mapping

#: An event's name and its facts.
Alert = tuple[str, Mapping[str, object]]
