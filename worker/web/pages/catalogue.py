"""Every page of the console."""

from worker.web.pages.access.sign_in import enter, enter_with, home, show_sign_in, sign_in, sign_out, speak
from worker.web.pages.page import Page
from worker.web.pages.settings.triggers import list_triggers, switch_trigger

PAGES: tuple[Page, ...] = (
    home,
    show_sign_in,
    sign_in,
    sign_out,
    speak,
    enter,
    enter_with,
    list_triggers,
    switch_trigger,
)
