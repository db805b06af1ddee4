"""Credentials in code are told by their form, and by what they are called."""

from __future__ import annotations

import ast

import pytest

from nbrefine.analysis.secrets import find_in_prose, find_secrets, reads_credential

TOKEN = "ghp_" + "a1B2" * 6


@pytest.mark.parametrize(
    ("code", "name", "value"),
    [
        ("password = 'k3stRel-9'", "password", "k3stRel-9"),
        ("user, password = 'ada', 'k3stRel-9'", "password", "k3stRel-9"),
        ("password: str = 'k3stRel-9'", "password", "k3stRel-9"),
        ("if (pwd := 'k3stRel-9'): pass", "pwd", "k3stRel-9"),
        ("config['db_password'] = 'k3stRel-9'", "db_password", "k3stRel-9"),
        ("client.api_key = 'a1b2c3d4e5f6a7b8'", "api_key", "a1b2c3d4e5f6a7b8"),
        ("connect(user='ada', passwd='k3stRel-9')", "passwd", "k3stRel-9"),
        ("get(url, auth=('ada', 'k3stRel-9'))", "password", "k3stRel-9"),
        ("HTTPBasicAuth('ada', 'k3stRel-9')", "password", "k3stRel-9"),
        ("smtp().login('ada', 'k3stRel-9')", "password", "k3stRel-9"),
        ("def f(*, token='a1b2c3d4e5f6a7b8'): pass", "token", "a1b2c3d4e5f6a7b8"),
        ("def f(a, password='k3stRel-9'): pass", "password", "k3stRel-9"),
        ("{'Authorization': 'Bearer a1b2c3d4e5f6a7b8'}", "Authorization", "a1b2c3d4e5f6a7b8"),
        (f"login('{TOKEN}')", "github_token", TOKEN),
        (f"x = b'{TOKEN}'", "github_token", TOKEN),
        ("u = 'postgresql://a:k3stRel@h/d'", "database_url", "postgresql://a:k3stRel@h/d"),
    ],
)
def test_credential(code: str, name: str, value: str) -> None:
    """Each is found once, with its name."""
    assert [(each.name, each.value) for each in find_secrets(ast.parse(code))] == [(name, value)]


@pytest.mark.parametrize(
    "code",
    [
        "password = 'your_password_here'",
        "password = os.environ['DB_PASSWORD']",
        "password = getpass.getpass('password: ')",
        "token = 'sentence'",
        "tokens = ['the', 'quick']",
        "author = 'Ada Lovelace 1843'",
        "df['token'] = 'noun'",
        "secret = ''",
        "get(SecretId='warehouse_login')",
        "'postgresql://{}:{}@{}:{}/{}'.format(*parts)",
        "'mysql://%s:%s@localhost/x' % pair",
        "'postgresql://${USER}:${PASSWORD}@db/x'",
        "url = 'https://example.org/data.csv'",
    ],
)
def test_no_credential(code: str) -> None:
    """Places to be filled in, words, and what is read from elsewhere are none."""
    assert find_secrets(ast.parse(code)) == ()


def test_credentials_in_prose() -> None:
    """A comment or a magic is read too; a sentence about passwords is none."""
    found = find_in_prose("a\n%env API_KEY=a1b2c3d4e5f6a7b8\n# password: k3stRel-9 (old)")
    assert [(each.name, each.value, each.line) for each in found] == [
        ("API_KEY", "a1b2c3d4e5f6a7b8", 2),
        ("password", "k3stRel-9", 3),
    ]
    assert find_in_prose("The password: ask the administrator.") == ()
    assert find_in_prose("# token0 = token.split()[0]") == ()


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("os.environ['DB_PASSWORD']", True),
        ("os.getenv('API_KEY')", True),
        ("__import__('os').environ['API_KEY']", True),
        ("{'user': 'ada', 'password': os.environ.get('PW_TOKEN')}", True),
        ("f'db://{user}:{os.environ[\"DB_PASSWORD\"]}@h'", True),
        ("'a' + os.environ['DATABASE_URL']", True),
        ("os.environ['HOME']", False),
        ("connect(os.environ['DB_PASSWORD'])", False),
        ("os.environ[name]", False),
        ("5", False),
    ],
)
def test_expressions_of_credentials(code: str, expected: bool) -> None:  # noqa: FBT001  (a case)
    """What only puts credentials together can be put together again elsewhere."""
    assert reads_credential(ast.parse(code, mode="eval").body) is expected


def test_a_variable_may_hold_a_credential() -> None:
    """What is put together from such a variable is one too."""
    node = ast.parse("f'db://ada:{password}@h'", mode="eval").body
    assert not reads_credential(node)
    assert reads_credential(node, {"password"})
