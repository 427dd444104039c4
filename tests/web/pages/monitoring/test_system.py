"""Стан системи: who works and what is late; figures of all accounts for those who look at all."""

from tests.support.crm import execute
from tests.web.pages.conftest import OPERATOR, Browser, Site

HERE = "/a/acme/system"
RAN = """
INSERT INTO task_statuses (task, runner, every, last_at, next_at, lag, took, runs, failure, reported_at) VALUES
('release', 'one/1', '1 s', now(), now() + interval '1 s', '0 s', '0.1 s', 7, NULL, now()),
('expire', 'one/1', '1 s', now(), now() + interval '1 s', '90 s', '0.1 s', 7, NULL, now()),
('purge', 'one/1', '1 s', now(), now() + interval '1 s', '0 s', '0.1 s', 7, 'OutOfMemory', now()),
('poll', 'two/1', '1 s', now() - interval '1 h', now(), '0 s', '0.1 s', 7, NULL, now() - interval '1 h')
"""


def test_without_a_scheduler_it_says_what_stands_still(admin: Browser) -> None:
    page = admin.read(HERE)

    assert ("No scheduler has been heard of" in page, "Lanes, of all accounts" in page) == (True, False)


def test_tasks_say_whether_they_run(site: Site, admin: Browser) -> None:
    execute(site.pool, RAN)

    page = admin.read(HERE)

    shown = [
        page.split(f">{task}</td><td>")[1].split("</span>")[0].split(">")[1]
        for task in ("release", "expire", "purge", "poll")
    ]
    assert shown == ["runs", "late", "fails", "nobody runs it"]


def test_lanes_are_shown_to_who_looks_at_all(site: Site) -> None:
    page = site.sign_in(OPERATOR).read(HERE)

    assert ("Lanes, of all accounts" in page, "urgent" in page) == (True, True)
