"""A workbook as a spreadsheet writes it, for tests."""

import zipfile
from io import BytesIO

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
BOOK = f"""<?xml version="1.0"?><workbook {MAIN} xmlns:r="{RELATIONS}">
<sheets><sheet name="Люди" sheetId="1" r:id="rId7"/></sheets></workbook>"""
TARGETS = f"""<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Type="{RELATIONS}/styles" Target="styles.xml"/>
<Relationship Id="rId2" Type="{RELATIONS}/sharedStrings" Target="sharedStrings.xml"/>
<Relationship Id="rId7" Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"""
LOOK = '<xf numFmtId="{}" fontId="0" fillId="0" borderId="0"/>'
STYLES = f"""<?xml version="1.0"?><styleSheet {MAIN}><numFmts>
<numFmt numFmtId="164" formatCode="dd&quot;of&quot;mm.yyyy"/>
<numFmt numFmtId="165" formatCode="0.00&quot;days&quot;"/></numFmts>
<cellXfs>{"".join(LOOK.format(each) for each in (0, 14, 164, 165))}</cellXfs></styleSheet>"""

CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml"
TYPES = f"""<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/xl/workbook.xml" ContentType="{CONTENT}.sheet.main+xml"/>
<Override PartName="/xl/styles.xml" ContentType="{CONTENT}.styles+xml"/>
<Override PartName="/xl/sharedStrings.xml" ContentType="{CONTENT}.sharedStrings+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{CONTENT}.worksheet+xml"/></Types>"""
PACKAGE = f"""<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>"""


def workbook(rows: str, shared: str = "", **more: str) -> bytes:
    """A workbook whose sheet has these rows, in the XML of the format."""
    parts = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": PACKAGE,
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
