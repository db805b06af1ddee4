"""Names for steps, made of the titles that the author gives."""
# ruff: noqa: RUF001  (titles have all kinds of dashes and apostrophes)

from __future__ import annotations

import keyword
import re
from collections import Counter
from typing import TYPE_CHECKING

from nbrefine.notebook.transliterate import to_ascii

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_LONGEST, _MOST_WORDS, _FEWEST_WORDS = 32, 4, 2
_WORDS_FOR_PART = (
    r"step|part|section|chapter|phase|stage|task|exercise|question|problem|lesson|étape|etape"
    r"|partie|exercice|schritt|teil|abschnitt|aufgabe|übung|paso|parte|seccion|sección|ejercicio"
    r"|passo|exercício|esercizio|шаг|часть|раздел|第"
)
_ROMAN = r"(?=[ivx])(?:x{0,2}(?:ix|iv|v?i{0,3}))"
_COUNT = rf"(?:\d+(?:\.\d+)*|{_ROMAN}|[a-h])"
_WORDS_FOR_WAY = (
    "method|approach|model|technique|algorithm|option|case|experiment|example|way|trial"
)
# As in "1.2 Load", "3) Clean", "Step 4: Train", "Solution of exercise 5 - Score", "II. Results" or
# "(a) Plot"; but not in "2013 flights". Ways are counted as in "Method 2: Fill".
_NUMBERING = re.compile(
    rf"\s*(?:(?:{_WORDS_FOR_PART})\s*{_COUNT}\s*(?:[.:)\]–—-]+\s*|\s+|\Z)"
    rf"|(?:{_WORDS_FOR_WAY})\s*\d+\s*[.:)\]–—-]+\s*"
    rf"|\w+\s+(?:of\s+|de\s+)?(?:{_WORDS_FOR_PART})\s*{_COUNT}\s*[.:)\]–—-]+\s*"
    rf"|\d+(?:\.\d+)+[.:)\]]?\s+|[(\[]?{_COUNT}\s*[.:)\]]+\s*(?!\d)|\d+\s*[–—-]+\s+|q\d+[.:]?\s+)",
    re.IGNORECASE,
)
# What stands before the first word: an emoji, a dash. What is said in passing, and "(part 2)".
_LEAD = re.compile(r"^[^\w(\[]+")
_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_PART = re.compile(rf"(?<=\w)\s*[(\[](?:{_WORDS_FOR_PART})\s*{_COUNT}[)\]]\s*\Z", re.IGNORECASE)
_AB = re.compile(r"\bA\s?/\s?B\b")
# What is said of any work: it is left out where a title is long.
_DOING = re.compile(r"(?:perform|conduct|carry|carrying|do|doing)(?:ing)?_(?:out_)?")
# "The carrier's", "don't", "L'analyse".
_APOSTROPHE = re.compile(r"\b[ldjcmnst]'(?=[a-z]{3})|'s\b|(?<=\w)'(?=\w)")
_ARTICLES = frozenset({"the", "a", "an", "le", "la", "les", "l", "der", "die", "das", "el", "los"})
# What carries no meaning of its own in a title, in the languages that most notebooks are in.
_FILLERS = _ARTICLES | frozenset(
    {
        *("of", "and", "or", "for", "to", "in", "on", "at", "by", "from", "with"),
        *("through", "into", "over", "about", "as", "per", "via", "using", "our", "your", "my"),
        *("during", "within", "between", "among", "across", "according"),
        *("their", "its", "his", "her", "this", "that", "these", "those", "it", "is", "are"),
        *("was", "be", "been", "we", "you", "i", "they", "s", "us", "let", "lets", "will", "can"),
        *("could", "should", "would", "do", "does", "did", "have", "has", "had", "got", "get"),
        *("how", "what", "why", "where", "when", "which", "who", "there", "here", "now", "then"),
        *("next", "so", "some", "any", "just", "very", "also", "too", "only", "own"),
        *("if", "but", "than", "such", "each", "de", "des", "du", "et", "en", "sur"),
        *("par", "selon", "entre", "según", "segun", "nach"),
        *("avec", "pour", "dans", "un", "une", "au", "aux", "les", "nos", "und", "von", "mit"),
        *("zu", "zum", "zur", "im", "am", "ein", "eine", "einen", "unser", "y", "del", "con"),
        *("por", "para", "una", "los", "las", "nuestro", "e", "da", "dos", "das", "com", "os"),
    }
)
# They say nothing without the phrase that follows them: "the number of orders".
_MEASURES = frozenset({"number", "amount", "percentage", "share", "type", "types", "kind", "kinds"})
# A name does not end in these.
_LINKS = frozenset(
    {"vs", "versus", "and", "of", "with", "without", "for", "to", "in", "into", "by", "from", "on"}
    | {"at", "using", "during", "within", "between", "among", "across", "against", "according"}
    | {"par", "selon", "entre", "pour", "avec", "por", "para", "con", "com", "mit", "und"}
)
# Where a phrase of a title ends.
_BREAKS = _LINKS | frozenset(
    {
        *("or", "per", "via", "through", "over", "about", "as", "if", "when", "where", "which"),
        *("that", "how", "what", "de", "des", "du", "et", "sur", "dans", "au", "aux", "von", "zu"),
        *("zum", "zur", "im", "am", "y", "e", "del", "da", "dos", "das", "en", "em", "no", "na"),
    }
)
_OPENERS = _ARTICLES | {"let", "lets", "us", "now", "so", "then", "here", "ok"}
# Words that mean something else as the name of a file or of a step.
_TAKEN = frozenset({"con", "prn", "aux", "nul", "upstream", "product", "params", "parameters"})


def step_name(title: str) -> str:
    """Turn a title into a name.

    Parameters
    ----------
    title
        A heading, in any language.

    Returns
    -------
    str
        A Python identifier in ASCII, of some words at most; empty where nothing of the title can
        be written in ASCII.
    """
    return _named(title, _shortened)


def _named(title: str, shortened: Callable[[list[str]], list[str]]) -> str:
    bare = _LEAD.sub("", _AB.sub("AB", _without_markup(title)))
    bare = _PART.sub("", bare)
    while (match := _NUMBERING.match(bare)) and bare[match.end() :].strip():
        bare = bare[match.end() :]
    words = _words(bare)
    if len(words) > _MOST_WORDS and (aside := _words(_ASIDE.sub(" ", bare))):
        words = aside
    while len(words) > 1 and words[0] in _OPENERS:
        words = words[1:]
    if len(words) > _MOST_WORDS and (match := _DOING.match("_".join(words))):
        words = words[match[0].count("_") :]
    if words and words[0][0].isdigit() and any(word[0].isalpha() for word in words):
        # "2013 flights" may not begin with its year.
        words = [*words[1:], words[0]]
    name = "_".join(shortened(words))
    if name[:1].isdigit():
        name = f"step_{name}"
    return f"{name}_step" if keyword.iskeyword(name) or name in _TAKEN else name


def step_names(titles: Iterable[str]) -> tuple[str, ...]:
    """Turn titles into names for steps.

    Parameters
    ----------
    titles
        In the order of the steps.

    Returns
    -------
    tuple of str
        For each a name in ASCII that is a Python identifier, and none twice. A title that cannot
        be written in ASCII gives ``step_3``, by its position.
    """
    titles = tuple(titles)
    often = Counter(map(step_name, titles))
    names: list[str] = []
    for number, title in enumerate(titles, 1):
        base = step_name(title)
        if often[base] > 1:
            base = _named(title, _longest)
        base = base or f"step_{number}"
        name, count = base, 1
        while name in names:
            count += 1
            name = f"{base}_{count}"
        names.append(name)
    return tuple(names)


def _without_markup(title: str) -> str:
    return re.sub(r"[`*$]|<[^>]*>|&\w+;", "", title)


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", _APOSTROPHE.sub("", to_ascii(text)))


def _shortened(words: list[str]) -> list[str]:
    """Leave out small words, then the last phrases, until a name is short enough for a list."""
    whole = [word for word in words if word not in _FILLERS] or words
    kept = _longest(words)
    if len(kept) >= len(whole):
        return kept
    ends = [index for index, word in enumerate(words) if index and word in _BREAKS]
    whole_phrases = (words[:end] for end in reversed(ends) if words[end - 1] not in _MEASURES)
    phrases = ([word for word in each if word not in _FILLERS] for each in whole_phrases)
    # "Apply the framework to choose a model" applies a framework; it does not choose.
    return next((each for each in phrases if _FEWEST_WORDS <= len(each) <= len(kept)), kept)


def _longest(words: list[str]) -> list[str]:
    """Leave out small words, then the end, until a name is short enough to be read in a list."""
    if len(words) > _MOST_WORDS or len("_".join(words)) > _LONGEST:
        words = [word for word in words if word not in _FILLERS] or words
    words = words[:_MOST_WORDS]
    while len(words) > 1 and len("_".join(words)) > _LONGEST:
        words = words[:-1]
    while len(words) > 1 and words[-1] in _LINKS:
        words = words[:-1]
    return [word[:_LONGEST] for word in words]
