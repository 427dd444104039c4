import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import get_args

import pytest

from tests.house.syntax_trees import syntax_tree
from worker.core.contract.phone import Reason
from worker.core.receipts.polling import NO_RECEIPT, NOT_TRACKED
from worker.core.receipts.reason_labels import REASONS, reason_label
from worker.core.receipts.receipt import DeliveryStatus
from worker.core.reminders.fire import OVERTAKEN
from worker.core.triggers.catalogue import BY_ID
from worker.turbosms.codes import CodeClass

ROOT = Path(__file__).parents[3]
#: The argument that is the reason, in calls that set the state of a row.
POSITIONS = {
    "Dropped": 1,
    "Postponed": 1,
    "Move": 3,
    "Verdict": 2,
    "Later": 0,
    "Paused": 0,
    "Repeated": 0,
    "Refused": 0,
}
CALLS = POSITIONS | {"Unless": 2, "skipped": 1, "unconfirmed": 1}
#: Functions whose answer is a reason.
ANSWERS = {"objection", "objection_to", "why_not", "obstacle"}
#: A reason of SQL is one that a change of state is given.
SET = re.compile(r"'([a-z_]+)' AS reason")
#: What `Paused` and `Repeated` carry of the provider's kinds.
CLASSES = {
    CodeClass.MONEY,
    CodeClass.TOKEN,
    CodeClass.SENDER,
    CodeClass.DUPLICATE,
    CodeClass.REPEAT,
    CodeClass.RECIPIENT_REPEAT,
    CodeClass.UNKNOWN_CODE,
}


def literal(node: ast.AST | None, module: ModuleType) -> str | None:
    """The literal of an argument, or the constant that it names."""
    if isinstance(node, ast.Name):
        value = getattr(module, node.id, None)
        return value if isinstance(value, str) else None
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def either(node: ast.expr) -> list[ast.expr]:
    """What an expression may come to."""
    if isinstance(node, ast.IfExp):
        return [*either(node.body), *either(node.orelse)]
    return node.values if isinstance(node, ast.BoolOp) else [node]


def reasons_in(path: Path) -> Iterator[str | None]:
    module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    for node in ast.walk(syntax_tree(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            at = CALLS.get(node.func.id)
            named = next((keyword.value for keyword in node.keywords if keyword.arg == "reason"), None)
            in_place = node.args[at] if at is not None and len(node.args) > at else None
            yield literal(in_place, module) or (literal(named, module) if at is not None else None)
        if isinstance(node, ast.FunctionDef) and node.name in ANSWERS and path.is_relative_to(ROOT / "worker/core"):
            answers = [item.value for item in ast.walk(node) if isinstance(item, ast.Return) and item.value]
            yield from (literal(node, module) for answer in answers for node in either(answer))
        if isinstance(node, ast.Return | ast.Assign) and isinstance(node.value, ast.Tuple):
            results = [literal(elt, module) for elt in node.value.elts]
            yield results[1] if results[:1] in (["skipped"], ["failed"], ["expired"]) else None
    yield from SET.findall(path.read_text())


def all_reasons() -> set[str]:
    files = [ROOT / "worker/turbosms/answer.py"]
    files += [path for folder in ("core", "steps", "store") for path in (ROOT / "worker" / folder).rglob("*.py")]
    reasons = {reason for path in files for reason in reasons_in(path) if reason}
    reasons |= {unless.reason for trigger in BY_ID.values() for unless in trigger.unless}
    return (
        reasons
        | set(get_args(Reason))
        | {code_class.value for code_class in CLASSES}
        | {"paced", "person_day", "person_hour", "not_now"}
    )


def test_every_reason_in_the_code_has_a_label() -> None:
    # The first is of an occurrence, which becomes no text.
    results = all_reasons() - {OVERTAKEN, NO_RECEIPT, NOT_TRACKED}

    assert len(results) > 45
    assert results - REASONS.keys() == set()


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_each_reason_has_a_label_in_both_languages(reason: str) -> None:
    label = REASONS[reason]

    assert re.fullmatch(r"[A-Za-z][^а-яіїє]+[^.]", label.en)
    assert re.match(r"[А-ЯІЇЄ]|TurboSMS", label.uk)
    assert label.uk.endswith(".")


def test_labels_are_unique_and_absent_for_a_reason_that_is_over() -> None:
    assert len({label.uk for label in REASONS.values()}) == len(REASONS)
    assert reason_label(DeliveryStatus("planned", "quiet_hours")) is None
    assert reason_label(DeliveryStatus("postponed", "quiet_hours")) == REASONS["quiet_hours"]
