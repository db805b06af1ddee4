from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from nbrefine.report.masking import MASK, is_secret_name, mask_text, mask_value
from nbrefine.report.page import address, link, page

if TYPE_CHECKING:
    from pathlib import Path


class Collector(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_a_page_loads_nothing() -> None:
    """No script, no sheet, no font from elsewhere, and a policy that forbids them."""
    tags = Collector(page("T <1>", ["<p>body</p>"], style=".x { color:red }")).tags
    assert not {tag for tag, _ in tags} & {"script", "link", "img", "iframe"}
    policies = [a["content"] for _, a in tags if a.get("http-equiv") == "Content-Security-Policy"]
    assert policies[0].startswith("default-src 'none'")
    assert dict(tags)["html"] == {"lang": "en"}


def test_titles_are_escaped() -> None:
    """A title cannot become markup."""
    assert "<title>T &lt;1&gt;</title>" in page("T <1>", [])


def test_addresses_work_from_where_the_page_lies(tmp_path: Path) -> None:
    """Links are relative, so that the folder can be moved, and odd names are escaped."""
    page_folder = tmp_path / "reports" / "deep"
    assert address(tmp_path / "a b#%.ipynb", page_folder) == "./../../a%20b%23%25.ipynb"
    assert address(page_folder / "c:d.csv", page_folder) == "./c%3Ad.csv"


def test_only_what_is_there_is_linked(tmp_path: Path) -> None:
    """A product that was not built yet is named, not linked."""
    (tmp_path / "x<y.csv").touch()
    assert link(tmp_path / "gone.csv", tmp_path, "gone.csv") == "<code>gone.csv</code>"
    assert link(tmp_path / "x<y.csv", tmp_path, "x<y") == (
        '<a href="./x%3Cy.csv"><code>x&lt;y</code></a>'
    )


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "DB_PASSWORD",
        "api_key",
        "apiKey",
        "apikey",
        "client-secret",
        "token",
        "aws.secret.access.key",
        "privateKey",
        "auth",
        "githubToken",
    ],
)
def test_names_of_secrets(name: str) -> None:
    """The usual names of credentials are known, however they are written."""
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name", ["n", "key", "keys", "max_tokens", "tokenizer", "secretary", "author", "sort_key"]
)
def test_names_of_other_things(name: str) -> None:
    """What merely resembles such a name stays legible."""
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("param db_password: 'a' -> 'b'", f"param db_password: {MASK}"),
        ("param api_key is new: 'x'", f"param api_key is new: {MASK}"),
        ("param n: 15 -> 20", "param n: 15 -> 20"),
        ("param token: 15 -> 20", "param token: 15 -> 20"),
        (
            "param opts: {'user': 'a', 'password': 'b'}",
            f"param opts: {{'user': 'a', 'password': {MASK}",
        ),
        ("postgresql+x://me:hunter2@host/db", f"postgresql+x://me:{MASK}@host/db"),
        ("https://host/path", "https://host/path"),
        ("1.db+x://me:hunter2@host, ftp://:a@b", f"1.db+x://me:{MASK}@host, ftp://:{MASK}@b"),
        ("x=1 'y': 2, token=15 z=3 secret=4", f"x=1 'y': 2, token={MASK}"),
        ("AKIAABCDEFGHIJKLMNOP", MASK),
        ("x ghp_abcdefghijklmnopqrstuv y", f"x {MASK} y"),
        ("sk-abcdefghijklmnopqrst", MASK),
        ("eyJhbGciOiJI.eyJzdWIiOiIx.abc", MASK),
        ("-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----", MASK),
        ("a\npassword=x\nb", f"a\npassword={MASK}\nb"),
    ],
)
def test_texts_are_masked(text: str, shown: str) -> None:
    """What looks like a credential is replaced, and nothing else is."""
    assert mask_text(text) == shown


@pytest.mark.parametrize(
    "text",
    ["a" * 400_000, "a." * 200_000, "a-" * 200_000 + "://", "a=1 " * 100_000, "a" + " " * 400_000],
    ids=["word", "dotted", "address", "pairs", "blanks"],
)
@pytest.mark.timeout(60)
def test_long_lines_are_read_once(text: str) -> None:
    """Were it read from each of its characters, or pair by pair, it would take many minutes."""
    assert mask_text(text) == text
    assert mask_text(f"{text} password=x") == f"{text} password={MASK}"


def test_values_are_masked_by_name_and_content() -> None:
    """In nested parameters the name next to a value decides, and known tokens everywhere."""
    value = {"user": "a", "password": "b", "tokens": ["AKIAABCDEFGHIJKLMNOP", 3], "secret": True}
    assert mask_value("params", value) == {
        "user": "a",
        "password": MASK,
        "tokens": [MASK, 3],
        "secret": True,
    }
    assert mask_value("api_key", ["a", ""]) == [MASK, ""]
