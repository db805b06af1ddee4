"""Made-up values in place of what looks personal: of the same shape, equal where those were."""

from __future__ import annotations

import contextlib
import pickle
import pickletools
import random
import re
import sys
from typing import TYPE_CHECKING, Any

from .call_sample import kind_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_PERSONAL = {
    *("firstname", "lastname", "surname", "fullname", "forename", "username", "email", "mail"),
    *("phone", "telephone", "mobile", "fax", "iban", "ssn", "passenger", "passport"),
    *("password", "passwd", "secret", "token", "apikey"),
}
_WITH_NAME = {"name", "first", "last", "full", "user", "given", "family", "person", "customer"}
_NUMBERED = {"phone", "telephone", "mobile", "fax", "ssn", "passport"}
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
# Looked for only where a run of its characters begins: a run may be an array of a million zeros.
_EMAIL = re.compile(r"(?<![^@\s,;<>])[^@\s,;<>]+@[^@\s,;<>]+\.[A-Za-z]{2,}")
_PHONE = re.compile(r"(?:\+\d{1,3}[ .-]?)?(?:\(\d{2,5}\)[ .-]?|\d{2,5}[ .-])\d{3,4}[ .-]\d{3,5}")
_CARD = re.compile(r"(?:\d[ -]?){12,18}\d")
_KEY = re.compile(r"-----BEGIN|\b(?:AKIA|ASIA|ghp_|gho_|github_pat_|sk-|xox[abpr]-|AIza)\w{8,}")
_MOST_LOOKED_AT = 300
# What places, firms and goods are called, and nobody is.
_THINGS = re.compile(
    r"\b(?:air(?:port|ports|field|park|ways?|lines?)?|field|intl|international|municipal|muni|regional|rgnl"
    r"|county|city|island|heliport|station|terminal|street|road|avenue|square|river|mountain|lake"
    r"|valley|inc|ltd|llc|plc|corp|corporation|company|co|gmbh|group|bank|hotel|restaurant|cafe"
    r"|store|shop|market|university|college|school|hospital|museum|stadium|theat(?:er|re)|the|of"
    r"|and|for|with)\b\.?|\d|&",
    re.IGNORECASE,
)


class Masks:
    """Replaces personal values, and remembers by what.

    One for a whole run: what was equal in two arguments, or in two calls, is equal afterwards.

    Parameters
    ----------
    secrets
        Texts that must not be kept, such as the values of credentials.
    """

    def __init__(self, secrets: Collection[str] = ()) -> None:
        self._secrets = tuple(secrets)
        self._made: dict[Any, Any] = {}
        self._taken: set[Any] = set()
        self._random = random.Random(0)  # noqa: S311  (nothing is kept secret by it)

    def masked(self, name: str, value: Any) -> tuple[Any, list[str]]:
        """Return a value without what looks personal, and what of it was made up.

        Parameters
        ----------
        name
            The argument's.
        value
            A copy that may be changed.
        """
        kind = kind_of(value)
        if kind == "frame":
            return self._frame(name, value)
        if kind == "series":
            return self._series(name, value)
        if kind == "index":
            return self._index(name, value)
        if isinstance(value, str):
            found = self._is_personal_text(value)
            return (self._text(value), [name]) if found else (value, [])
        if type(value) in (list, tuple, dict):
            return self._container(name, value)
        return value, []

    def inside(self, value: Any) -> bool:
        """Whether an object that is stored whole holds what looks personal.

        Parameters
        ----------
        value
            Such as a fitted estimator.
        """
        try:
            raw = pickle.dumps(value, protocol=4)
        except Exception:
            return False
        return (
            any(secret.encode() in raw for secret in self._secrets)
            or _KEY.search(raw.decode("latin-1")) is not None
            or any(map(_EMAIL.search, _texts(raw)))
        )

    def _container(self, name: str, value: Any) -> tuple[Any, list[str]]:
        """Mask what is in a list, tuple or dict, keys too."""
        if type(value) is dict:
            pairs = [
                (self.masked(name, key), self.masked(f"{name}[{key!r}]", each))
                for key, each in value.items()
            ]
            keys = [label for (_, found), _ in pairs for label in found]
            # A label must not tell what was masked.
            inner = [label if not keys else name for _, (_, found) in pairs for label in found]
            made = {key: each for (key, _), (each, _) in pairs}
            return made, list(dict.fromkeys([*keys, *inner]))
        masked = [self.masked(name, each) for each in value]
        labels = dict.fromkeys(label for _, found in masked for label in found)
        return type(value)(each for each, _ in masked), list(labels)

    def _frame(self, name: str, frame: Any) -> tuple[Any, list[str]]:
        found = []
        for number, label in enumerate(frame.columns):
            column = frame.iloc[:, number]
            if self._is_personal(label, column):
                frame.isetitem(number, self._column(column))
                found.append(f"{name}[{label!r}]")
        frame.index, labels = self._index(f"{name}.index", frame.index)
        return frame, [*found, *labels]

    def _series(self, name: str, series: Any) -> tuple[Any, list[str]]:
        label = series.name if isinstance(series.name, str) else name
        found = []
        if self._is_personal(label, series):
            series, found = self._column(series), [name]
        series.index, labels = self._index(f"{name}.index", series.index)
        return series, [*found, *labels]

    def _index(self, name: str, index: Any) -> tuple[Any, list[str]]:
        """Mask an index; of one with levels each level."""
        if index.nlevels > 1:
            levels = [self._index(name, level) for level in index.levels]
            labels = [label for _, found in levels for label in found]
            return (index.set_levels([level for level, _ in levels]) if labels else index), labels
        label = index.name if isinstance(index.name, str) else ""
        column = index.to_series()
        if not self._is_personal(label, column):
            return index, []
        made = self._column(column)
        return sys.modules["pandas"].Index(made.array, name=index.name), [name]

    def _is_personal(self, label: Any, column: Any) -> bool:
        dtype = str(column.dtype)
        words = {word.lower() for word in _WORD.findall(str(label))}
        numbers = dtype.startswith(("int", "Int", "uint"))
        if numbers:
            return bool(words & _NUMBERED) and len(column) > 0
        if not (dtype in ("object", "str", "category") or dtype.startswith("string")):
            return False
        texts = [each for each in column.tolist()[:_MOST_LOOKED_AT] if isinstance(each, str)]
        if not texts:
            return False
        named = "name" in words and bool(words & _WITH_NAME - {"name"})
        if str(label).lower() == "name":
            # Of persons, unless most are surely names of something else.
            named = sum(map(bool, map(_THINGS.search, texts))) * 2 < len(texts)
        if named or words & _PERSONAL:
            return True
        if any(secret in text for text in texts for secret in self._secrets):
            return True
        return sum(map(self._is_personal_text, texts)) * 5 >= len(texts)

    def _is_personal_text(self, text: str) -> bool:
        return any(secret in text for secret in self._secrets) or personal_text(text)

    def _column(self, column: Any) -> Any:
        pandas = sys.modules["pandas"]
        if str(column.dtype) == "category":
            made = [self._made_up(each) for each in column.cat.categories]
            return column.cat.rename_categories(made)
        made = [self._made_up(each) for each in column.tolist()]
        return pandas.Series(made, index=column.index, name=column.name, dtype=column.dtype)

    def _made_up(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return int(self._text(str(value)))
        return value

    def _text(self, text: str) -> str:
        if text not in self._made:
            new = self._shaped(text)
            for _ in range(100):  # two different values stay different while there is room
                if new not in self._taken:
                    break
                new = self._shaped(text)
            self._taken.add(new)
            self._made[text] = new
        return str(self._made[text])

    def _shaped(self, text: str) -> str:
        """Replace letters by letters of the same case, digits by digits."""
        letters, out = "abcdefghijklmnopqrstuvwxyz", []
        for character in text:
            if character.isdigit():
                # A leading zero would shorten a number.
                out.append(self._random.choice("123456789"))
            elif character.isalpha():
                letter = self._random.choice(letters)
                out.append(letter.upper() if character.isupper() else letter)
            else:
                out.append(character)
        return "".join(out)


def _texts(raw: bytes) -> Iterator[str]:
    """Yield the texts in a pickle: the bytes of a million numbers spell an address by chance."""
    for _, held, _ in pickletools.genops(raw):
        if isinstance(held, str):
            yield held
        elif isinstance(held, (bytes, bytearray)):
            with contextlib.suppress(UnicodeDecodeError):
                yield held.decode()


def personal_text(text: str) -> bool:
    """Whether a text is an e-mail address, a phone number, a card number or a key."""
    text = text.strip()
    if len(text) > 4000 or len(text) < 6:  # noqa: PLR2004  (an address has six characters)
        return False
    if _EMAIL.fullmatch(text) or _PHONE.fullmatch(text) or _KEY.search(text):
        return True
    return bool(_CARD.fullmatch(text)) and _luhn([int(each) for each in text if each.isdigit()])


def _luhn(digits: list[int]) -> bool:
    """Whether the digits add up as those of card numbers do."""
    doubled = [sum(divmod(digit * 2, 10)) for digit in digits[-2::-2]]
    return (sum(doubled) + sum(digits[-1::-2])) % 10 == 0
