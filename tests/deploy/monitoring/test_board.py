"""The board of deploy/grafana: each query parses and asks for metrics, labels and values that our processes show.

No Grafana can be had from the sources the suite installs from: its form is held against what the Classic JSON needs.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.deploy.dockerfile import ROOT
from tests.deploy.monitoring.promql import OF_TARGETS, Selector, labels_used, selectors
from tests.deploy.monitoring.test_alerts import RULES
from worker.health import metrics
from worker.store.monitoring.ledger_status import LedgerStatus
from worker.turbosms.codes import CodeClass
from worker.web.webhooks.receipts import RESPONSES

BOARD = json.loads((ROOT / "deploy/grafana/perfectum-sms.json").read_text())
ROWS = ["Promise", "Work", "Trouble", "Money", "Machine"]
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
PANELS = [panel for panel in BOARD["panels"] if panel["type"] != "row"]
EACH = pytest.mark.parametrize("panel", PANELS, ids=[panel["title"] for panel in PANELS])
#: What Prometheus itself shows.
OF_PROMETHEUS = {"up": set[str](), "ALERTS": {"alertname", "alertstate", "severity", "account", "queue", "lane"}}
#: As Grafana gives them: an interval, and whatever the reader chose.
GIVEN = {"$__rate_interval": "1m", "$account": ".*"}
#: https://github.com/grafana/grafana/blob/main/packages/grafana-data/src/valueFormats/categories.ts
UNITS = {"s", "h", "short", "percentunit", "eps", "ops", "reqps", "bytes", "currencyUAH"}
WORDS = re.compile(r"[\w.]+(\|[\w.]+)*")
Labels = Mapping[str, str]


def shown() -> dict[str, list[Labels]]:
    """Each series of our processes by its name, once all that can have happened has."""
    accounts = {"acme": 1.0}
    metrics.show(LedgerStatus({}, {}, {CodeClass.MONEY: 1}, 0, {}))
    metrics.begin_callbacks(RESPONSES)
    metrics.begin_api_requests(["list_notifications"])
    for gauge in (metrics.BALANCE, metrics.BALANCE_HOURS, metrics.OUTCOMES_WAITING, metrics.OUTCOMES_OLDEST):
        metrics.set_all(gauge, accounts)
    metrics.set_all(metrics.QUEUE, {"crm.events": 1})
    metrics.LAG.labels("sweep")
    metrics.UNSETTLED.labels("crm.events")
    series: dict[str, list[Labels]] = {}
    for role in metrics.ROLES:
        text = metrics.exposition(metrics.registry_of(role), "")[1].decode()
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                series.setdefault(sample.name, []).append(sample.labels)
    return series


SHOWN = shown()


def expressions(panel: Mapping[str, Any]) -> Iterator[str]:
    for target in panel["targets"]:
        text = target["expr"]
        for variable, value in GIVEN.items():
            text = text.replace(variable, value)
        yield text


def _labels_of(name: str) -> set[str]:
    own = OF_PROMETHEUS[name] if name in OF_PROMETHEUS else {label for labels in SHOWN[name] for label in labels}
    return own | OF_TARGETS


def _exists(selector: Selector) -> bool:
    """Whether some series has these labels, and each value that it names."""
    if selector.name in OF_PROMETHEUS:
        return True
    alternatives = [
        Selector(selector.name, ((label, "=", value),), rises=False)
        for label, operator, values in selector.matchers
        if operator in {"=", "=~"}
        and label not in OF_TARGETS
        and not re.search(r"[.\[]\*?", values.replace(".spent", ""))
        for value in values.split("|")
    ]
    return all(any(item.takes(labels) for labels in SHOWN[selector.name]) for item in (selector, *alternatives))


@EACH
def test_a_panel_asks_for_what_is_there(panel: dict[str, Any]) -> None:
    for text in expressions(panel):
        asked = selectors(text)

        assert asked
        assert {selector.name for selector in asked} <= SHOWN.keys() | OF_PROMETHEUS.keys()
        assert [selector for selector in asked if not _exists(selector)] == []


@EACH
def test_a_panel_groups_and_names_by_labels_that_are_there(panel: dict[str, Any]) -> None:
    for text, target in zip(expressions(panel), panel["targets"], strict=True):
        own = set[str].union(*(_labels_of(selector.name) for selector in selectors(text)))
        matched = {label for selector in selectors(text) for label, _, _ in selector.matchers}
        grouped = labels_used(text)

        assert matched | grouped <= own
        assert set(re.findall(r"{{(\w+)}}", target["legendFormat"])) <= (grouped or OF_TARGETS)


@EACH
def test_a_panel_says_what_it_shows_and_in_which_unit(panel: dict[str, Any]) -> None:
    assert panel["title"]
    assert panel["description"].endswith(".")
    assert panel["fieldConfig"]["defaults"]["unit"] in UNITS
    assert [part["datasource"] for part in (panel, *panel["targets"])] == [DATASOURCE] * (1 + len(panel["targets"]))


def test_the_rows_are_the_promise_the_work_the_trouble_the_money_and_the_machine() -> None:
    assert [panel["title"] for panel in BOARD["panels"] if panel["type"] == "row"] == ROWS


def test_every_metric_of_ours_is_on_the_board() -> None:
    asked = {selector.name for panel in PANELS for text in expressions(panel) for selector in selectors(text)}
    ours = {
        name.replace("_count", "_bucket") for name in SHOWN if name.startswith("sms_") and not name.endswith("_sum")
    }

    assert ours - asked == set()


def test_panels_have_an_id_and_a_place_of_their_own() -> None:
    assert [id_ for id_, panels in Counter(panel["id"] for panel in BOARD["panels"]).items() if panels > 1] == []
    assert [panel["title"] for panel in PANELS if _right(panel) > 24] == []
    assert [(one["title"], two["title"]) for one, two in combinations(BOARD["panels"], 2) if _overlap(one, two)] == []


def _right(panel: Mapping[str, Any]) -> int:
    return panel["gridPos"]["x"] + panel["gridPos"]["w"]


def _overlap(one: Mapping[str, Any], two: Mapping[str, Any]) -> bool:
    a, b = one["gridPos"], two["gridPos"]
    across = a["x"] < b["x"] + b["w"] and b["x"] < a["x"] + a["w"]
    return across and a["y"] < b["y"] + b["h"] and b["y"] < a["y"] + a["h"]


def test_the_reader_chooses_the_datasource_and_the_accounts() -> None:
    variables = {variable["name"]: variable for variable in BOARD["templating"]["list"]}
    used = set(re.findall(r"\$\{?(\w+)", json.dumps([BOARD["panels"], BOARD["links"]]))) - {"__rate_interval"}

    assert used == variables.keys()
    assert variables["datasource"]["type"] == "datasource"
    assert variables["account"]["datasource"] == DATASOURCE
    [metric] = re.findall(r"^label_values\((\w+), account\)$", variables["account"]["query"]["query"])
    assert "account" in _labels_of(metric)


def test_what_has_an_account_is_chosen_by_it() -> None:
    found = [selector for panel in PANELS for text in expressions(panel) for selector in selectors(text)]

    assert {selector.name for selector in found if ("account", "=~", ".*") in selector.matchers} == {
        name for name, series in SHOWN.items() if any("account" in labels for labels in series)
    }


def test_alerts_that_the_board_names_exist() -> None:
    named = set(re.findall(r"\bSms[A-Z]\w+", json.dumps(BOARD, ensure_ascii=False)))

    assert named
    assert named <= {rule["alert"] for rule in RULES}
