"""Other spellings of a text that take fewer segments: plain punctuation, and Latin letters for Ukrainian ones."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial

from worker.core.texts.segments import OUTSIDE_GSM, segments


@dataclass(frozen=True, slots=True)
class Spelling:
    is_plain: bool = False
    is_latin: bool = False


AS_WRITTEN = Spelling()

#: What GSM-7 has for the punctuation that editors and phones put in.
PLAIN: Mapping[str, str] = {
    **dict.fromkeys("«»„“”‟″", '"'),
    **dict.fromkeys("‘’‚‛′ʼ`´", "'"),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys("•·", "*"),
    "…": "...",
    "№": "No.",
    "×": "x",
    "₴": "UAH",
}
# Resolution 55 of the Cabinet of Ministers of 27.01.2010; the last four letters are Russian and not in it.
_LATIN: Mapping[str, str] = {
    **dict(zip("абвгґдезиіїйклмнопрстуфыэ", "abvhgdezyiiiklmnoprstufye", strict=True)),
    **dict(zip("єжхцчшщюяё", ("ie", "zh", "kh", "ts", "ch", "sh", "shch", "iu", "ia", "io"), strict=True)),
    **dict.fromkeys("ьъ", ""),
}
_LATIN_AT_START: Mapping[str, str] = {"є": "ye", "ї": "yi", "й": "y", "ю": "yu", "я": "ya", "ё": "yo"}
_APOSTROPHES = "'’ʼ`"
_CYRILLIC = "\u0400-\u04ff"
# Links and addresses work only as they are written: whatever begins so goes on to the next space.
_TOKEN = re.compile(r"\S+")
_LINK = re.compile(r"https?://\S|www\.\S", re.IGNORECASE)
_DOMAIN = re.compile(r"\.укр\b", re.IGNORECASE)
_DOMAIN_NAME = re.compile(r"[\w.-]+\Z")
_MAIL_NAME, _DOMAIN_LENGTH = 64, 100
_WORD = re.compile(f"[{_CYRILLIC}]+(?:[{_APOSTROPHES}][{_CYRILLIC}]+)*")
_PIECE = re.compile(f"(?P<word>{_WORD.pattern})|[{''.join(PLAIN)}]")
_PLAIN_LETTERS = str.maketrans(dict(PLAIN))
_BEYOND_PLAIN = re.compile(f"(?![{''.join(PLAIN)}]){OUTSIDE_GSM.pattern.removesuffix('+')}")
#: Words of people are short, and come again.
_KNOWN_WORD = 40


# Recipients of the same text follow one another.
@lru_cache(maxsize=32)
def spelled(text: str, spelling: Spelling) -> str:
    """The text as it was written, or in the gentlest spelling the account allows that takes fewer segments."""
    if spelling == AS_WRITTEN:
        return text
    paid = segments(text).count
    # A mark takes no more room than what is written for it: it pays only where nothing else keeps a text from GSM-7.
    is_plain = spelling.is_plain and _BEYOND_PLAIN.search(text) is None
    for is_wanted, respell in ((is_plain, plain), (spelling.is_latin, latin)):
        other = respell(text) if is_wanted else text
        if segments(other).count < paid:
            return other
    return text


def plain(text: str) -> str:
    return _respelt(text, partial(_PIECE.sub, _plain_piece))


def latin(text: str) -> str:
    """The text with Ukrainian in Latin letters by Resolution 55 of 2010, and plain punctuation."""
    return _respelt(text, lambda text: _WORD.sub(_latin_of, text).translate(_PLAIN_LETTERS))


def _respelt(text: str, respell: Callable[[str], str]) -> str:
    texts: list[str] = []
    end = 0
    for token in _TOKEN.finditer(text) if _may_hold_an_address(text) else ():
        length = _before_an_address(token[0])
        if length < len(token[0]):
            texts += respell(text[end : token.start() + length]), token[0][length:]
            end = token.end()
    return "".join([*texts, respell(text[end:])])


def _may_hold_an_address(text: str) -> bool:
    return "@" in text or _LINK.search(text) is not None or _DOMAIN.search(text) is not None


def _before_an_address(token: str) -> int:
    starts = (_link_in(token), _mail_in(token), _domain_in(token))
    return min((start for start in starts if start is not None), default=len(token))


def _link_in(token: str) -> int | None:
    link = _LINK.search(token)
    return link and link.start()


def _mail_in(token: str) -> int | None:
    name_from = 0
    for sign in re.finditer("@", token):
        if name_from < sign.start() and sign.end() < len(token):
            return max(name_from, sign.start() - _MAIL_NAME)
        name_from = sign.end()
    return None


def _domain_in(token: str) -> int | None:
    for domain in _DOMAIN.finditer(token):
        name = _DOMAIN_NAME.search(token, max(0, domain.start() - _DOMAIN_LENGTH), domain.start())
        if name:
            return name.start()
    return None


def _plain_piece(piece: re.Match[str]) -> str:
    return piece["word"] or PLAIN[piece[0]]


def _latin_of(piece: re.Match[str]) -> str:
    text = piece[0]
    return _latin_word(text) if len(text) <= _KNOWN_WORD else _latin_word.__wrapped__(text)


@lru_cache(maxsize=4096)
def _latin_word(cyrillic: str) -> str:
    letters = "".join(letter for letter in cyrillic if letter not in _APOSTROPHES)
    is_loud = len(letters) > 1 and letters.isupper()
    spelt: list[str] = []
    for index, character in enumerate(letters):
        small = character.lower()
        known = _LATIN_AT_START.get(small) if index == 0 else None
        if known is None and small == "г" and letters[index - 1 : index].lower() == "з":
            # Else it would read as `ж`.
            known = "gh"
        latin_letters = _LATIN.get(small, character) if known is None else known
        if character != small:
            latin_letters = latin_letters.upper() if is_loud else latin_letters.capitalize()
        spelt.append(latin_letters)
    return "".join(spelt)
