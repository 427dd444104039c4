"""The metrics of a process, read as Prometheus reads them."""

from prometheus_client.parser import text_string_to_metric_families

from tests.support.http_client import http

Series = tuple[str, tuple[tuple[str, str], ...]]


class Exposition:
    """One scrape."""

    def __init__(self, door: str) -> None:
        response = http.get(f"{door}/metrics")
        assert response.status_code == 200
        self.text = response.text
        self.series: dict[Series, float] = {}
        for family in text_string_to_metric_families(response.text):
            assert family.documentation, family.name
            for sample in family.samples:
                self.series[sample.name, tuple(sorted(sample.labels.items()))] = sample.value

    def of(self, name: str, **labels: str) -> float:
        return self.series[name, tuple(sorted(labels.items()))]

    def risen(self, name: str) -> dict[tuple[str, ...], float]:
        """Those series of a name that are not 0, by their labels' values."""
        return {
            tuple(value for _, value in labels): count
            for (own, labels), count in self.series.items()
            if own == name and count
        }

    @property
    def names(self) -> set[str]:
        return {name for name, _ in self.series}
