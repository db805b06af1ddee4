"""What is added to a module stands where a person would put it; the rest stays as it is."""

from __future__ import annotations

import pytest

from nbrefine.refine.extract.existing import Existing

TWO = "\n\ndef old():\n    return os, pd\n"
BLOCK = "def new():\n    return np.pi"

CASES = {
    "docstring alone": (
        '"""Clean."""\n\n\ndef old():\n    return 1\n',
        '"""Clean."""\n\nimport numpy as np\n\nN = 1\n\n\ndef old():\n    return 1\n',
    ),
    "imports are sorted": (
        '"""Clean."""\n\nimport os\n\nimport pandas as pd\n' + TWO,
        '"""Clean."""\n\nimport os\n\nimport numpy as np\nimport pandas as pd\n\nN = 1\n' + TWO,
    ),
    "a comment among the imports stays": (
        "import os  # for paths\n\n\ndef old():\n    return os\n",
        "import os  # for paths\nimport numpy as np\n\nN = 1\n\n\ndef old():\n    return os\n",
    ),
    "it is imported already": (
        "import numpy as np\n\n\ndef old():\n    return np\n",
        "import numpy as np\n\nN = 1\n\n\ndef old():\n    return np\n",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_imports_constants_and_definitions_find_their_place(name: str) -> None:
    """Imports with the others, constants behind them, definitions at the end."""
    before, after = CASES[name]
    existing = Existing("late", {"cleaning": before})
    text = existing.extended("cleaning", ["import numpy as np"], ["N = 1"], [BLOCK])
    assert text == f"{after}\n\n{BLOCK}\n"


def test_only_a_definition_changes_nothing_above() -> None:
    """The old text is the beginning of the new one."""
    before = '"""Clean."""\n\n\ndef old():\n    return 1\n'
    text = Existing("late", {"cleaning": before}).extended("cleaning", [], [], [BLOCK])
    assert text == f"{before}\n\n{BLOCK}\n"


def test_the_same_definition_is_known_whatever_its_layout() -> None:
    """Comments and blanks make no other function; another body does."""
    existing = Existing("late", {"cleaning": "def f(x):\n    return x  # as it is\n"})
    assert existing.defines("f", "def f( x ):\n    return x") == "cleaning"
    assert existing.defines("f", "def f(x):\n    return -x") == ""
    assert existing.defines("g", "def g(x):\n    return x") == ""
