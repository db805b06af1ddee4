"""Made-up values in place of what looks personal: of the same shape, equal where those were."""

from __future__ import annotations

import random
import re
import sys
from typing import TYPE_CHECKING, Any

from .call_sample import kind_of

if TYPE_CHECKING:
    from collections.abc import Collection

_PERSONAL = {
    *("firstname", "lastname", "surname", "fullname", "forename", "username", "email", "mail"),
    *("phone", "telephone", "mobile", "fax", "iban", "ssn", "passenger", "passport"),
    *("password", "passwd", "secret", "token", "apikey"),
}
_WITH_NAME = {"name", "first", "last", "full", "user", "given", "family", "person", "customer"}
_NUMBERED = {"phone", "telephone", "mobile", "fax", "ssn", "passport"}
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[A-Za-z]{2,}")
_PHONE = re.compile(r"(?:\+\d{1,3}[ .-]?)?(?:\(\d{2,5}\)[ .-]?|\d{2,5}[ .-])\d{3,4}[ .-]\d{3,5}")
_CARD = re.compile(r"(?:\d[ -]?){12,18}\d")
_KEY = re.compile(r"-----BEGIN|\b(?:AKIA|ASIA|ghp_|gho_|github_pat_|sk-|xox[abpr]-|AIza)\w{8,}")
_MOST_LOOKED_AT = 300


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
            label = value.name if isinstance(value.name, str) else name
            if self._is_personal(label, value):
                return self._column(value), [f"{name}"]
            return value, []
        if isinstance(value, str):
            found = self._is_personal_text(value)
            return (self._text(value), [name]) if found else (value, [])
        if type(value) in (list, tuple) and any(isinstance(each, str) for each in value):
            texts = [each for each in value if isinstance(each, str)]
            if any(self._is_personal_text(text) for text in texts[:_MOST_LOOKED_AT]):
                new = [self._text(each) if isinstance(each, str) else each for each in value]
                return type(value)(new), [name]
        return value, []

    def _frame(self, name: str, frame: Any) -> tuple[Any, list[str]]:
        found = []
        for number, label in enumerate(frame.columns):
            column = frame.iloc[:, number]
            if self._is_personal(label, column):
                frame.isetitem(number, self._column(column))
                found.append(f"{name}[{label!r}]")
        return frame, found

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
        named = str(label).lower() == "name" or (
            "name" in words and bool(words & _WITH_NAME - {"name"})
        )
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
