"""Segments counted twice: by the product, and slowly, character by character as a phone packs them."""

from tests.core.texts.test_segments import packed
from tests.faults.harness.environment import Stage
from tests.faults.harness.row import Result
from worker.core.texts.formatting import visible
from worker.core.texts.segments import segments

ALPHABETS = (
    "abc ABC 123 @£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ!#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà",
    "abc^{}[]~|€\\ \n\r\f",
    "абвгґєії'ʼ’` №«»— ",
    "😀👨\u200d👩\u200d👧🇺🇦👍🏽𝔘 ж",
    "שלום مرحبا\u202e\u2066\u200f e\u0301i\u0308 \u00a0\u202f",
)
BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
LONGEST = 480


def counted(stage: Stage, runs: int) -> Result:
    """F13: the same count for every text, and nothing left that turns the direction of writing."""
    mismatches = turned = 0
    for _ in range(runs):
        alphabet = "".join(stage.random.sample(ALPHABETS, stage.random.choice((1, 1, 2))))
        text = "".join(stage.random.choices(alphabet, k=stage.random.randrange(LONGEST)))
        mismatches += segments(text) != packed(text)
        turned += not BIDI.isdisjoint(visible(text))
    faults = [f"{mismatches} texts counted otherwise"] if mismatches else []
    faults += [f"{turned} texts may turn the direction of writing"] if turned else []
    return Result(runs=runs, faults=tuple(faults), figures={"texts": runs, "mismatches": mismatches, "turned": turned})
