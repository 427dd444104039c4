import pytest

from tests.core.hands.workbook import MAIN, workbook
from worker.core.hands.xlsx import BadWorkbookError, rows_of

SHARED = '<si><t>телефон</t></si><si><r><t>Оле</t></r><r><t>на</t></r><rPh sb="0" eb="1"><t>reading</t></rPh></si>'


def test_a_sheet_is_read_as_it_is_shown() -> None:
    rows = """
        <row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="inlineStr"><is><t>дата</t></is></c></row>
        <row r="2"><c r="A2"><v>380671234567</v></c><c r="B2" t="s"><v>1</v></c><c r="C2" s="1"><v>46357</v></c></row>
        <row r="3"><c r="A3"><v>3.80671234567E11</v></c><c r="C3" s="2"><v>46357.5</v></c></row>
        <row r="4"><c r="A4"/></row>
        <row r="7"><c r="A7" t="str"><v>0501112233</v></c><c r="B7" s="3"><v>12.5</v></c></row>
    """

    assert [(number, list(cells)) for number, cells in rows_of(workbook(rows, SHARED))] == [
        (1, ["телефон", "", "дата"]),
        (2, ["380671234567", "Олена", "01.12.2026"]),
        (3, ["380671234567", "", "01.12.2026 12:00"]),
        (7, ["0501112233", "12.5"]),
    ]


BOMB = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;'>]>"


@pytest.mark.parametrize(
    "file",
    [
        b"PK\x03\x04 broken",
        workbook("<row><c t='s'><v>7</v></c></row>"),
        workbook("<row><c><v>many</v></c></row>"),
        workbook("<row>"),
        workbook("", **{"xl/worksheets/sheet1.xml": f"{BOMB}<worksheet {MAIN}>&b;</worksheet>"}),
        workbook("", **{"xl/workbook.xml": f"<workbook {MAIN}/>"}),
    ],
)
def test_a_broken_or_hostile_workbook_is_refused(file: bytes) -> None:
    with pytest.raises(BadWorkbookError):
        list(rows_of(file))


def test_what_unpacks_to_too_much_is_refused() -> None:
    huge = workbook("", shared="<si><t>" + "0" * (33 * 1024 * 1024) + "</t></si>")

    with pytest.raises(BadWorkbookError, match="too large"):
        list(rows_of(huge))
