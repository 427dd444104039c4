"""What people call the actions that are noted."""

from collections.abc import Mapping

from worker.language import marked

ACTION_LABELS: Mapping[str, str] = {
    "account": marked("account"),
    "api_key": marked("key of the API"),
    "user": marked("person of the console"),
    "session": marked("sign-in"),
    "settings": marked("settings"),
    "trigger": marked("trigger"),
    "template": marked("template"),
    "token": marked("TurboSMS token"),
    "key": marked("secret key"),
    "suppression": marked("stop-list"),
    "pause": marked("pause"),
    "resume": marked("resume"),
    "cancel": marked("cancel"),
    "resend": marked("resend"),
    "send": marked("send"),
    "dead_edit": marked("edit of a dead letter"),
    "dead_replay": marked("replay of a dead letter"),
    "dead_drop": marked("drop of a dead letter"),
    "privacy_export": marked("export of a person"),
    "privacy_erase": marked("erasure of a person"),
    "phones_seen": marked("look at whole phones"),
    "retention": marked("time that data is kept"),
    "unconfirmed": marked("decision on an unconfirmed text"),
}
