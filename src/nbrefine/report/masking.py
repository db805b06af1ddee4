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
# tokens, private keys, and passwords in the address of a database. The names are what they are
# called by custom.
_FORMS = {
    "aws_access_key_id": r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
    "github_token": r"\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_\w{20,}",
    "gitlab_token": r"\bglpat-[\w-]{16,}",
    "slack_token": r"\bxox[abprs]-[\w-]{10,}",
    "api_key": r"\bsk-[\w-]{16,}",
    "hf_token": r"\bhf_[A-Za-z0-9]{16,}",
    "google_api_key": r"\bAIza[\w-]{30,}",
    # Begins where a run of its characters does, or a long run would be read again and again.
    "access_token": r"(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*",
    "private_key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?"
    r"(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
}
_SECRET_VALUES = re.compile(
    "|".join(f"(?P<{name}>{form})" for name, form in _FORMS.items()), re.DOTALL
)
# Both begin where a run of their characters does, or a long run would be read once from each of
# its characters; the group that does not go back is there for the same reason.
_ADDRESS = re.compile(
    r"(?<![a-z0-9+.-])((?>[a-z0-9+.-]*?\b[a-z])[a-z0-9+.-]*://[^\s:/@]*:)[^\s/@]+(?=@)",
    re.IGNORECASE,
)
# `?api_key=...` of an address, and `host=... password=...` of a database.
_QUERY = re.compile(
    r"(?<=[?&])(?P<key>(?:api_?key|access_?token|auth_?token|token|key|secret|sig|appid)=)"
    r"(?P<value>[^&\s'\"{}<>]{16,})",
    re.IGNORECASE,
)
_DSN = re.compile(
    r"(?<![\w-])(?P<key>(?:password|pwd)\s*=\s*)(?P<value>[^\s;&'\"{}<>]{4,})", re.IGNORECASE
)
_DATABASE = re.compile(r"(?<![\w-])(?:dbname|database|host|server|user|uid)\s*=", re.IGNORECASE)
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
    return bool(secrets_in(text))


def secrets_in(text: str) -> tuple[tuple[str, str], ...]:
    """Find credentials by their form.

    Parameters
    ----------
    text
        Any text.

    Returns
    -------
    tuple of (str, str)
        Each credential, and what such a one is called. The address of a database that holds a
        password is one as a whole where there is nothing else in the text.
    """
    found = [(match[0], str(match.lastgroup)) for match in _SECRET_VALUES.finditer(text)]
    for match in _ADDRESS.finditer(text):
        if text[: match.start()].strip() or re.search(r"\s", text.strip()):
            found.append((text[match.end(1) : match.end()], "database_password"))
        else:
            found.append((text, "database_url"))
    queries = (match["value"] for match in _QUERY.finditer(text))
    found += [(value, "api_key") for value in queries if _is_mixed(value)]
    if _DATABASE.search(text):
        found += [(match["value"], "database_password") for match in _DSN.finditer(text)]
    return tuple(found)


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
    masked = _QUERY.sub(_mask_query, masked)
    if _DATABASE.search(masked):
        masked = _DSN.sub(rf"\g<key>{MASK}", masked)
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


def _is_mixed(value: str) -> bool:
    """Tell whether a value has letters and digits, as words and numbers have not."""
    return bool(re.search(r"\d", value) and re.search(r"[A-Za-z]", value))


def _mask_query(match: re.Match[str]) -> str:
    return match["key"] + (MASK if _is_mixed(match["value"]) else match["value"])


def _mask_named(line: str) -> str:
    """Replace all that follows the first name in a line that says that its value is secret."""
    # A value reaches to the end of the line and may itself hold names and their values.
    for match in _NAMED.finditer(line):
        if is_secret_name(match["name"]) and not _HARMLESS.match(line, match.end()):
            return line[: match.end()] + MASK
    return line
