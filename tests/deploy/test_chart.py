"""The chart's values against their schema, and what it shares with others; `make check-chart` renders it."""

import json
import re
from typing import Any

import pytest
import yaml

from tests.deploy.dockerfile import ROOT
from worker.process import DRAIN_S
from worker.settings.environment import NAMES

CHART = ROOT / "deploy/chart"
SCHEMA: dict[str, Any] = json.loads((CHART / "values.schema.json").read_text())
VALUES: dict[str, Any] = yaml.safe_load((CHART / "values.yaml").read_text())
PARTS = (CHART / "templates/_parts.tpl").read_text()


def undescribed(schema: dict[str, Any], path: str) -> list[str]:
    here = [] if schema.get("description") else [path]
    inner = schema.get("properties", {})
    if inner and schema.get("additionalProperties") is not False:
        here.append(f"{path} takes anything")
    return here + [fault for name, each in inner.items() for fault in undescribed(each, f"{path}.{name}")]


def test_every_value_is_described_and_unknown_ones_are_refused() -> None:
    assert undescribed(SCHEMA, "values") == []


@pytest.mark.parametrize("name", sorted(VALUES))
def test_every_default_is_in_the_schema(name: str) -> None:
    inner = SCHEMA["properties"][name].get("properties")

    assert inner is None or set(VALUES[name]) == set(inner)


def test_the_chart_has_the_alerts_of_prometheus() -> None:
    assert (CHART / "files/alerts.yml").read_text() == (ROOT / "deploy/prometheus/alerts.yml").read_text()


def test_pods_have_time_to_finish_what_is_in_hand() -> None:
    [grace] = re.findall(r"terminationGracePeriodSeconds: (\d+)", PARTS)

    assert int(grace) >= DRAIN_S + 10


def test_settings_of_the_chart_exist() -> None:
    assert set(re.findall(r"name: (SMS_[A-Z_]+),", PARTS)) <= set(NAMES)
