"""Any writing, in ASCII letters, as far as a small table goes."""
# ruff: noqa: RUF001  (these letters are meant)

from __future__ import annotations

import re
import unicodedata

_LETTERS = {
    **dict(zip("ßæœøđłþðı", ("ss", "ae", "oe", "o", "d", "l", "th", "d", "i"), strict=True)),
    **dict(
        zip(
            "абвгдезиклмнопрстуфхцчшщъыьэюяжёйієґї",
            (
                *("a", "b", "v", "g", "d", "e", "z", "i", "k", "l", "m", "n", "o", "p", "r"),
                *("s", "t", "u", "f", "kh", "ts", "ch", "sh", "shch", "", "y", "", "e", "yu"),
                *("ya", "zh", "yo", "y", "i", "ye", "g", "yi"),
            ),
            strict=True,
        )
    ),
    **dict(
        zip(
            "αβγδεζηθικλμνξοπρσςτυφχψω",
            (
                *("a", "b", "g", "d", "e", "z", "i", "th", "i", "k", "l", "m", "n", "x", "o"),
                *("p", "r", "s", "s", "t", "y", "f", "ch", "ps", "o"),
            ),
            strict=True,
        )
    ),
}
# Words of Chinese and Japanese headings; characters have no spelling without a dictionary.
_WORDS = {
    **dict.fromkeys(("数据", "資料", "数据集", "データ"), "data"),
    **dict.fromkeys(("加载", "读取", "导入", "載入", "読み込み", "読込"), "load"),
    **dict.fromkeys(("清洗", "清理", "クリーニング"), "clean"),
    **dict.fromkeys(("预处理", "前処理", "預處理"), "preprocess"),
    **dict.fromkeys(("探索",), "explore"),
    **dict.fromkeys(("分析", "解析"), "analysis"),
    **dict.fromkeys(("可视化", "可視化"), "plot"),
    **dict.fromkeys(("特征", "特徴", "特徵"), "features"),
    **dict.fromkeys(("训练", "訓練", "学習"), "train"),
    **dict.fromkeys(("模型", "モデル"), "model"),
    **dict.fromkeys(("评估", "評価", "評估"), "evaluate"),
    **dict.fromkeys(("预测", "予測", "預測"), "predict"),
    **dict.fromkeys(("结果", "結果"), "results"),
}
_WORD = re.compile("|".join(sorted(_WORDS, key=len, reverse=True)))
_HANGUL, _HANGUL_END = 0xAC00, 0xD7A3
_INITIALS = (
    "g",
    "kk",
    "n",
    "d",
    "tt",
    "r",
    "m",
    "b",
    "pp",
    "s",
    "ss",
    "",
    "j",
    "jj",
    "ch",
    "k",
    "t",
    "p",
    "h",
)
_VOWELS = (
    "a",
    "ae",
    "ya",
    "yae",
    "eo",
    "e",
    "yeo",
    "ye",
    "o",
    "wa",
    "wae",
    "oe",
    "yo",
    "u",
    "wo",
    "we",
    "wi",
    "yu",
    "eu",
    "ui",
    "i",
)
_FINALS = (
    "",
    "k",
    "k",
    "k",
    "n",
    "n",
    "n",
    "t",
    "l",
    "k",
    "m",
    "l",
    "l",
    "l",
    "p",
    "l",
    "m",
    "p",
    "p",
    "t",
    "t",
    "ng",
    "t",
    "t",
    "k",
    "t",
    "p",
    "t",
)


def to_ascii(text: str) -> str:
    """Write a text in ASCII.

    Parameters
    ----------
    text
        In any writing.

    Returns
    -------
    str
        In lower case. Accents are dropped, Cyrillic, Greek, Korean and Japanese syllables are
        spelt, some words of Chinese and Japanese headings are translated; all else becomes a
        blank.
    """
    text = unicodedata.normalize("NFC", text).lower().replace("’", "'")
    text = _WORD.sub(lambda match: f" {_WORDS[match[0]]} ", text)
    return "".join(_spelt(letter) for letter in text)


def _spelt(letter: str) -> str:
    if letter.isascii():
        return letter
    if letter in _LETTERS:
        return _LETTERS[letter]
    if _HANGUL <= ord(letter) <= _HANGUL_END:
        return _korean(ord(letter) - _HANGUL)
    plain = unicodedata.normalize("NFKD", letter)
    plain = "".join(_LETTERS.get(each, each) for each in plain if not unicodedata.combining(each))
    if plain.isascii():
        return plain
    name = unicodedata.name(letter, "")
    if name.startswith(("HIRAGANA LETTER", "KATAKANA LETTER")):
        return name.rpartition(" ")[2].lower()
    # Marks and hidden joiners stand within words, all other signs between them.
    return "" if unicodedata.category(letter) in {"Mn", "Cf", "Lm"} else " "


def _korean(index: int) -> str:
    initial, vowel, final = index // 588, index % 588 // 28, index % 28
    return _INITIALS[initial] + _VOWELS[vowel] + _FINALS[final]
