"""A workbook as a spreadsheet writes it, for tests."""

import zipfile
from io import BytesIO

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
BOOK = f"""<?xml version="1.0"?><workbook {MAIN} xmlns:r="{RELATIONS}">
<sheets><sheet name="Люди" sheetId="1" r:id="rId7"/></sheets></workbook>"""
TARGETS = """<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Target="styles.xml"/><Relationship Id="rId7" Target="worksheets/sheet1.xml"/></Relationships>"""
STYLES = f"""<?xml version="1.0"?><styleSheet {MAIN}><numFmts>
<numFmt numFmtId="164" formatCode="dd&quot;of&quot;mm.yyyy"/>
<numFmt numFmtId="165" formatCode="0.00&quot;days&quot;"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/>
<xf numFmtId="164"/><xf numFmtId="165"/></cellXfs></styleSheet>"""


def workbook(rows: str, shared: str = "", **more: str) -> bytes:
    """A workbook whose sheet has these rows, in the XML of the format."""
    parts = {
        "xl/workbook.xml": BOOK,
        "xl/_rels/workbook.xml.rels": TARGETS,
        "xl/styles.xml": STYLES,
        "xl/sharedStrings.xml": f"<sst {MAIN}>{shared}</sst>",
        "xl/worksheets/sheet1.xml": f"<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>",
        **more,
    }
    written = BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in parts.items():
            file.writestr(name, text)
    return written.getvalue()
