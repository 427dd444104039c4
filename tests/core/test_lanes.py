import re
from pathlib import Path

from worker.core.lanes import LANES, lane_for


def test_the_schema_knows_the_same_lanes() -> None:
    schema = Path("sql/schema.sql").read_text()
    known = re.findall(r"lane_is_known CHECK \(\(lane = ANY \(ARRAY\[(.*?)\]", schema)

    assert known
    assert {tuple(re.findall(r"'(\w+)'::text", each)) for each in known} == {tuple(LANES)}


def test_more_than_ten_sent_by_hand_go_in_bulk() -> None:
    assert [lane_for(texts) for texts in (1, 10, 11)] == [None, None, "bulk"]
