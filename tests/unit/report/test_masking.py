"""What has the form of a credential is found in any text, in time that grows with its length."""

from __future__ import annotations

import pytest

from nbrefine.report.masking import MASK, mask_text, secrets_in

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dBjftJeZ4CVP"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("AKIAIOSFODNN7EXAMPLE", [("AKIAIOSFODNN7EXAMPLE", "aws_access_key_id")]),
        (f"bearer={JWT}", [(JWT, "access_token")]),
        (
            "postgresql://ada:k3stRel@db/flights",
            [("postgresql://ada:k3stRel@db/flights", "database_url")],
        ),
        ("see postgresql://ada:k3stRel@db/x there", [("k3stRel", "database_password")]),
        (
            "https://api.example.org/v1?api_key=0123456789abcdef01&x=1",
            [("0123456789abcdef01", "api_key")],
        ),
        ("host=db user=ada password=k3stRel", [("k3stRel", "database_password")]),
        ("https://example.org/?key=value", []),
        ("a token of a text is a word", []),
    ],
)
def test_credentials_are_told_by_their_form(text: str, found: list[tuple[str, str]]) -> None:
    """Each is found with what such a one is called, and masked; other texts are left alone."""
    assert list(secrets_in(text)) == found
    assert all(value not in mask_text(text) for value, _ in found)
    assert (MASK in mask_text(text)) == bool(found)


@pytest.mark.parametrize(
    "piece", ["eyJ-", "eyJ.", "a:", "sk-xoxb-", "-----BEGIN PRIVATE KEY", "?key="]
)
@pytest.mark.timeout(60)
def test_long_texts_are_read_once(piece: str) -> None:
    """Were each read from each of its characters, it would take many minutes."""
    assert len(secrets_in(piece * 200_000)) == len(secrets_in(piece * 20))
