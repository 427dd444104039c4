"""A client of the simulator for its tests; it takes every answer as it comes."""

from dataclasses import dataclass
from typing import Any

import httpx

PHONE = "380501112233"
TOKEN = "simulator-token"
TEXT = "Order 7 is ready"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Provider:
    http: httpx.Client

    def send(self, *phones: str, text: object = TEXT, key: str | None = None, **fields: object) -> Json:
        return self.ask("message/send", send_body(*phones, text=text, key=key, **fields))

    def send_multi(self, **items: object) -> Json:
        return self.ask("message/sendmulti", items)

    def ask(self, method: str, body: object = None, *, token: str = TOKEN) -> Json:
        return self.post(method, body, token=token).json()

    def post(self, method: str, body: object = None, *, token: str = TOKEN) -> httpx.Response:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return self.http.post(f"/{method}.json", json=body or {"x": 1}, headers=headers)

    def control(self, verb: str, path: str, body: object = None) -> Json:
        return self._controlled(verb, path, body).json()

    def items(self, path: str) -> list[Json]:
        return self._controlled("GET", path, None).json()

    def set(self, **switches: object) -> None:
        self.control("PATCH", "settings", switches)

    def arm(self, fault: str, **params: object) -> None:
        self.control("POST", "faults", {"fault": fault, **params})

    def account(self, **fields: object) -> None:
        self.control("POST", "accounts", {"token": TOKEN, **fields})

    def advance(self, seconds: float) -> None:
        self.control("POST", "clock", {"advance_s": seconds})

    def messages(self, query: str = "") -> list[Json]:
        return self.items(f"messages?{query}")

    def state(self) -> Json:
        return self.control("GET", "state")

    def created(self) -> int:
        """How many messages it has created."""
        return self.state()["created"]

    def _controlled(self, verb: str, path: str, body: object) -> httpx.Response:
        response = self.http.request(verb, f"/_simulator/{path}", json=body)
        assert response.status_code == 200, response.text
        return response


def send_body(
    *phones: str, text: object = TEXT, key: str | None = None, sender: object = "DemoShop", **fields: object
) -> Json:
    body: Json = {"recipients": list(phones or [PHONE]), "sms": {"sender": sender, "text": text}, **fields}
    return body if key is None else {"sequence_id": key, **body}


def inner_codes(answer: Json) -> dict[str, int]:
    """The code of each item, by its label."""
    return {label: item["response_code"] for label, item in answer["response_result"].items()}


def codes(answer: Json) -> list[int]:
    return [row["response_code"] for row in answer["response_result"]]
