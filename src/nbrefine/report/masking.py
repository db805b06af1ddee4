"""What looks like a credential is not printed."""

from __future__ import annotations

import re
from itertools import pairwise

MASK = "•••"

# Words in a parameter's name that say that its value is secret.
_SECRET_WORDS = {
    *("password", "passwd", "passphrase", "pwd", "secret", "secrets", "token", "credential"),
    *("credentials", "apikey", "auth", "authorization", "bearer"),
}
_SECRET_KEYS = {"api", "access", "private", "secret", "auth", "account", "encryption", "signing"}
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
# Values that are credentials whatever they are called: tokens of well-known services, JSON web
# tokens, private keys, and passwords in the address of a database.
_SECRET_VALUES = re.compile(
    r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{16,}"
    r"|\bxox[abprs]-[\w-]{10,}|\bsk-[\w-]{16,}|\bhf_[A-Za-z0-9]{16,}|\bAIza[\w-]{30,}"
    r"|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
    re.DOTALL,
)
# Both begin where a run of their characters does, or a long run would be read once from each of
# its characters; the group that does not go back is there for the same reason.
_ADDRESS = re.compile(
    r"(?<![a-z0-9+.-])((?>[a-z0-9+.-]*?\b[a-z])[a-z0-9+.-]*://[^\s:/@]*:)[^\s/@]+(?=@)",
    re.IGNORECASE,
)
_NAMED = re.compile(r"(?<![\w.-])(?P<name>[\w.-]+)\"?'?\s*(?:=|:| is new:)\s*(?=\S)")
_HARMLESS = re.compile(r"(?:[\s\d.+>-]|true|false|none|null)*\Z", re.IGNORECASE)


def is_secret_name(name: str) -> bool:
    """Tell whether a parameter's name says that its value is secret."""
    words = [word.lower() for word in _WORD.findall(name)]
    if any(word in _SECRET_WORDS for word in words):
        return True
    return any(one in _SECRET_KEYS and two in {"key", "keys"} for one, two in pairwise(words))


def holds_secret(text: str) -> bool:
    """Tell whether a text holds a credential, whatever it is called: a token, a key, a password."""
    return bool(_SECRET_VALUES.search(text) or _ADDRESS.search(text))


def mask_text(text: str) -> str:
    """Replace what looks like a credential in a text.

    Parameters
    ----------
    text
        Lines to be printed, such as ``param db_password: 'a' -> 'b'``.

    Returns
    -------
    str
        The text with ``•••`` in place of credentials.
    """
    masked = _ADDRESS.sub(rf"\1{MASK}", _SECRET_VALUES.sub(MASK, text))
    return "\n".join(_mask_named(line) for line in masked.split("\n"))


def mask_value(name: str, value: object) -> object:
    """Replace what looks like a credential in a named value and in all that it holds.

    Parameters
    ----------
    name
        What the value is called.
    value
        The value; numbers and truth values are never secret.

    Returns
    -------
    object
        A value of the same shape.
    """
    if isinstance(value, dict):
        return {key: mask_value(str(key), part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [mask_value(name, part) for part in value]
    if isinstance(value, str):
        return MASK if value and is_secret_name(name) else mask_text(value)
    return value


def _mask_named(line: str) -> str:
    """Replace all that follows the first name in a line that says that its value is secret."""
    # A value reaches to the end of the line and may itself hold names and their values.
    for match in _NAMED.finditer(line):
        if is_secret_name(match["name"]) and not _HARMLESS.match(line, match.end()):
            return line[: match.end()] + MASK
    return line
