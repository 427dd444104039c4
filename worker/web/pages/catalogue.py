"""Every page of the console."""

from worker.web.pages.access.keys import add_key, list_keys, revoke_key
from worker.web.pages.access.people import invite, invite_again, list_people, remove, sign_somebody_out
from worker.web.pages.access.sign_in import enter, enter_with, show_sign_in, sign_in, sign_out, speak
from worker.web.pages.desk.event_check import check_event, show_event_check
from worker.web.pages.desk.events import crm_event, crm_events
from worker.web.pages.desk.jobs import begin_job, list_jobs, propose_job, show_job, stop_job
from worker.web.pages.desk.letter import drop_letter, edit_letter, replay_letter, show_letter, try_letter
from worker.web.pages.desk.letters import desk
from worker.web.pages.desk.unconfirmed import decide, unconfirmed
from worker.web.pages.history.client import client_sms, export_client_sms, export_history, history
from worker.web.pages.history.text import cancel_text, resend_text, show_text
from worker.web.pages.history.views import remove_view, save_view
from worker.web.pages.monitoring.accounts import home
from worker.web.pages.monitoring.coming import coming_reminders
from worker.web.pages.monitoring.error_reference import error_reference
from worker.web.pages.monitoring.journal import journal
from worker.web.pages.monitoring.overview import overview
from worker.web.pages.monitoring.spending import export_spending, spending
from worker.web.pages.monitoring.system import system
from worker.web.pages.page import Page
from worker.web.pages.sending.consents import consents
from worker.web.pages.sending.pauses import pause_texts, pauses, resume_texts
from worker.web.pages.sending.send import send, show_send
from worker.web.pages.sending.stop_list import allow_phone, export_stop_list, stop_list, stop_phone, stop_table
from worker.web.pages.settings.account import export_settings, save_setting, show_setting, show_settings
from worker.web.pages.settings.account_file import show_file, take_file
from worker.web.pages.settings.connection import (
    check_connection,
    connection,
    list_senders,
    save_callback_key,
    save_sender,
    save_token,
    send_test,
    try_reports,
)
from worker.web.pages.settings.custom_templates import (
    custom_templates,
    delete_template,
    look_at_template,
    palette,
    roll_back_template,
    save_template,
    show_template,
)
from worker.web.pages.settings.reached import show_reached
from worker.web.pages.settings.shortcodes import shortcodes
from worker.web.pages.settings.text_options import save_text_options, show_text_options
from worker.web.pages.settings.trial import try_trigger
from worker.web.pages.settings.trigger import look_at_trigger, roll_back, save_text, show_trigger
from worker.web.pages.settings.trigger_settings import save_trigger_settings, show_trigger_settings
from worker.web.pages.settings.triggers import list_triggers, switch_trigger
from worker.web.pages.settings.viber import save_viber, viber

PAGES: tuple[Page, ...] = (
    home,
    show_sign_in,
    sign_in,
    sign_out,
    speak,
    enter,
    enter_with,
    overview,
    journal,
    list_keys,
    add_key,
    revoke_key,
    list_people,
    invite,
    invite_again,
    sign_somebody_out,
    remove,
    connection,
    save_token,
    check_connection,
    save_sender,
    list_senders,
    save_callback_key,
    try_reports,
    send_test,
    viber,
    save_viber,
    show_settings,
    export_settings,
    show_file,
    take_file,
    show_setting,
    save_setting,
    list_triggers,
    switch_trigger,
    show_trigger,
    save_text,
    look_at_trigger,
    roll_back,
    show_trigger_settings,
    save_trigger_settings,
    show_text_options,
    save_text_options,
    try_trigger,
    show_reached,
    shortcodes,
    custom_templates,
    show_template,
    save_template,
    look_at_template,
    palette,
    delete_template,
    roll_back_template,
    client_sms,
    export_client_sms,
    history,
    export_history,
    save_view,
    remove_view,
    show_text,
    cancel_text,
    resend_text,
    show_send,
    send,
    pauses,
    pause_texts,
    resume_texts,
    stop_list,
    stop_phone,
    stop_table,
    allow_phone,
    export_stop_list,
    consents,
    show_event_check,
    check_event,
    crm_events,
    crm_event,
    desk,
    show_letter,
    edit_letter,
    try_letter,
    replay_letter,
    drop_letter,
    unconfirmed,
    decide,
    list_jobs,
    propose_job,
    show_job,
    begin_job,
    stop_job,
    spending,
    export_spending,
    coming_reminders,
    error_reference,
    system,
)
