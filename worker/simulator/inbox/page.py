"""What people would have on their phones: the messages that the simulator took, as a page for a browser."""

from datetime import UTC, datetime
from importlib.resources import files
from zoneinfo import ZoneInfo

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from worker.simulator.app import Simulator
from worker.simulator.messages import Message
from worker.simulator.status_queries import costs

#: The newest so many.
SHOWN = 200
KYIV = ZoneInfo("Europe/Kyiv")
PAGE = Environment(autoescape=True).from_string(
    files("worker").joinpath("simulator/inbox/inbox.html").read_text("utf-8")
)


async def show_inbox(simulator: Simulator, _request: Request) -> Response:
    newest = reversed(simulator.world.messages[-SHOWN:])
    return HTMLResponse(PAGE.render(messages=[as_seen(simulator, message) for message in newest]))


def as_seen(simulator: Simulator, message: Message) -> dict[str, object]:
    """As its phone shows it: Viber's text while it is there, else that of the SMS."""
    last = costs(simulator.world, message, simulator.now())[-1]
    viber = message.mailing.viber if last["channel"] == "viber" else None
    return {
        "phone": message.recipient,
        "at": datetime.fromtimestamp(message.created_at, UTC).astimezone(KYIV),
        "sender": viber["sender"] if viber else message.mailing.sender,
        "text": viber["text"] if viber else message.mailing.text,
        "channel": "Viber" if viber else "SMS",
        "status": last["status"],
    }
