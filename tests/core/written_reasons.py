"""Every reason that the code can write, found in its syntax: the sentences are held against them."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import get_args

from tests.house.syntax_trees import syntax_tree
from worker.core.contract.phone import Reason
from worker.core.hands.pause_scope import BY_HAND
from worker.core.receipts.channel_status import LOST, REJECTED
from worker.core.sending.pause import NO_TOKEN
from worker.core.triggers.catalogue import BY_ID
from worker.turbosms.codes import CodeClass

ROOT = Path(__file__).parents[2]
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
ANSWERS = {"objection", "objection_to", "why_not", "why_not_them", "obstacle"}
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


def sources() -> list[Path]:
    folders = ("core", "steps", "store")
    written = [path for folder in folders for path in (ROOT / "worker" / folder).rglob("*.py")]
    return [ROOT / "worker/turbosms/answer.py", *written]


def notification_reasons() -> set[str]:
    """Our own reasons; TurboSMS's codes are its own, and of what it reports REPORTED is all."""
    reasons = {reason for path in sources() for reason in reasons_in(path) if reason}
    reasons |= {unless.reason for trigger in BY_ID.values() for unless in trigger.unless}
    return (
        reasons
        | set(get_args(Reason))
        | {code_class.value for code_class in CLASSES}
        | set(of_calls({"job_dead_letter": (2, "reason")}))
        | {"paced", "person_day", "person_hour", "not_now"}
    )


#: What TurboSMS reports of texts that did not arrive.
REPORTED = {*LOST, *REJECTED.values()}


def of_calls(calls: dict[str, tuple[int, str]]) -> Iterator[str]:
    """What these calls are given at a place, or under a name; a variable is what its function assigns to it."""
    for path in sources():
        module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for function in (node for node in ast.walk(syntax_tree(path)) if isinstance(node, ast.FunctionDef)):
            for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
                name = call.func.id if isinstance(call.func, ast.Name) else ""
                if name in calls:
                    given = argument(call, *calls[name])
                    yield from (value for node in options(given, function) if (value := literal(node, module)))


def argument(call: ast.Call, at: int, name: str) -> ast.expr | None:
    named = next((keyword.value for keyword in call.keywords if keyword.arg == name), None)
    return named or (call.args[at] if len(call.args) > at else None)


def options(given: ast.expr | None, function: ast.FunctionDef) -> Iterator[ast.expr]:
    if given is None:
        return
    yield given
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(given, ast.Name):
            names = [getattr(elt, "id", "") for target in node.targets for elt in getattr(target, "elts", [target])]
            for value in either(node.value):
                values = value.elts if isinstance(value, ast.Tuple) else [value]
                yield from (each for name, each in zip(names, values, strict=False) if name == given.id)


def dead_letter_reasons() -> set[str]:
    return set(of_calls({"Malformed": (0, "reason"), "DeadLetter": (1, "reason"), "job_dead_letter": (2, "reason")}))


def pause_reasons() -> set[str]:
    classes = {CodeClass.MONEY.value, CodeClass.TOKEN.value, CodeClass.SENDER.value}
    return classes | {NO_TOKEN, BY_HAND} | set(of_calls({"Stop": (1, "reason")}))
