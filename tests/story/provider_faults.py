"""What the provider may do wrong with the next POST, as its fault scripts."""

from collections.abc import Mapping

from hypothesis import strategies as st

from tests.story.crm_events import PHONES

#: It makes nothing and answers: rate, later, money, token, sender, never, the same message, or an unknown code.
CODES = (438, 503, 505, 203, 105, 401, 404, 412, 427, 999, 500, 700)
#: Codes of single recipients, for whom it makes nothing then.
ROW_CODES = (404, 427, 503, 438, 203, 999)
BROKEN = (
    "reset_after",
    "reset_before",
    "http",
    "empty",
    "truncated",
    "garbage",
    "html",
    "leave_out_rows",
    "leave_out_items",
    "extra_rows",
    "reorder_rows",
    "null_result",
    "wrong_types",
    "wrong_phone_format",
    "redirect",
)

Trouble = Mapping[str, object]


def troubles() -> st.SearchStrategy[Trouble]:
    """A fault of a POST."""
    broken = st.fixed_dictionaries({"fault": st.sampled_from(BROKEN)})
    executed = st.fixed_dictionaries(
        {"fault": st.just("code"), "code": st.sampled_from([999, 500, 501]), "executed": st.just(value=True)}
    )
    just = st.just({"fault": "http", "status": 502, "executed": True})
    codes = st.fixed_dictionaries({"fault": st.just("code"), "code": st.sampled_from(CODES)})
    everybody = st.fixed_dictionaries({"fault": st.just("row_code"), "code": st.sampled_from(ROW_CODES)})
    match = st.fixed_dictionaries({"recipient": st.sampled_from(PHONES)})
    somebody = st.fixed_dictionaries({"fault": st.just("row_code"), "code": st.sampled_from(ROW_CODES), "match": match})
    return st.one_of(broken, codes, somebody, everybody, executed, just)


def refusals() -> st.SearchStrategy[Trouble]:
    """A POST is refused whole and makes nothing; this does not settle the POSTs before it."""
    return st.fixed_dictionaries({"fault": st.just("code"), "code": st.sampled_from([503, 404, 203, 438])})
