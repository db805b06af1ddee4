"""What IPython's magics do with the notebook's variables."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from nbrefine.analysis.texts import identifiers

# Run in a function of their own: what they read counts, what they bind stays inside.
_TIMED = re.compile(r"\s*(?:-[nrtcpqov]\d*\s*(?:\d+\s+)?|-[a-z]+\d*\s+)*")
# Run in the notebook's namespace; `time` and `prun` too, where they stand in a text.
_RUN = frozenset({"time", "prun", "memit", "mprun", "lprun", "snakeviz", "pyinstrument", "scalene"})
_LIST_ALL = frozenset({"who", "whos", "who_ls"})
_ASK = frozenset(
    {*("pinfo", "pinfo2", "psearch", "pdef", "pdoc", "pfile", "psource", "pprint", "page", "edit")}
)
_PAST = frozenset({"history", "hist", "recall", "rep", "save", "macro", "pastebin", "notebook"})
_SHELLS = frozenset(
    {
        *("!", "bash", "sh", "script", "perl", "ruby", "python", "python2", "python3", "pypy"),
        *("sx", "system", "cmd"),
    }
)
_TEXTS = frozenset(
    {
        *("html", "HTML", "javascript", "js", "latex", "markdown", "svg", "SVG", "writefile"),
        *("file", "capture", "cat", "css"),
    }
)
# Neither read nor bind variables, but for {name} and $name in their line.
_PLAIN = frozenset(
    {
        *("alias", "alias_magic", "autoawait", "autocall", "automagic", "autoreload", "bookmark"),
        *("cd", "colors", "conda", "config", "cp", "debug", "dhist", "dirs", "doctest_mode"),
        *("env", "gui", "killbgscripts", "ldir", "lf", "lk", "ll", "load", "load_ext", "loadpy"),
        *("ls", "lsmagic", "lx", "magic", "mamba", "man", "matplotlib", "micromamba", "mkdir"),
        *("more", "mv", "pdb", "pip", "popd", "precision", "pushd", "pwd", "pycat", "quickref"),
        *("rehashx", "reload_ext", "rm", "rmdir", "set_env", "tb", "tensorboard", "unalias"),
        *("unload_ext", "uv", "xmode", "watermark", "config_inline_backend", "less", "logstart"),
        *("logstop", "logon", "logoff", "logstate", "connect_info", "qtconsole", "nbagg"),
    }
)
_FIELD = re.compile(r"\{([^{}]+)\}")
_DOLLAR = re.compile(r"\$\{?([^\W\d]\w*)")
_OUTPUT = re.compile(r"(?:--out|--err|--proc|-o|--output)[ =]+(\w+(?:,\w+)*)")
_STORE_OPTION = re.compile(r"-[rdz]\b")


@dataclass(frozen=True)
class MagicUse:
    """How a magic uses the notebook's variables.

    Parameters
    ----------
    reads
        Names that it reads.
    timed
        Code that it runs in a function of its own.
    runs
        Code that it runs in the notebook's namespace.
    candidates
        Words that may be variables.
    binds
        Names that it may bind.
    deletes
        Names that it deletes.
    uses_all
        Whether it may read any name.
    binds_unknown
        Whether it may bind names that its text does not show.
    """

    reads: frozenset[str] = frozenset()
    timed: str = ""
    runs: str = ""
    candidates: frozenset[str] = frozenset()
    binds: frozenset[str] = frozenset()
    deletes: frozenset[str] = frozenset()
    uses_all: bool = False
    binds_unknown: bool = False


def magic_use(name: str, line: str, body: str | None = None) -> MagicUse:
    """Say how a magic uses variables.

    Parameters
    ----------
    name
        Without percent signs; ``!`` for the shell.
    line
        What follows on its line.
    body
        The lines below a cell magic; None for a line magic.

    Returns
    -------
    MagicUse
        Of a magic that is not known, that it may read each word and bind any name.
    """
    reads = expanded_names(line)
    if name == "timeit":
        setup = _TIMED.sub("", line, count=1)
        return MagicUse(reads, timed=f"{setup}\n{body or ''}")
    if name in _RUN:
        return MagicUse(reads, runs=body or line, candidates=frozenset(identifiers(line)))
    if name in _SHELLS or name in _TEXTS or name in _PLAIN:
        return MagicUse(reads, binds=_outputs(line))
    if use := _on_variables(name, line, reads):
        return use
    text = f"{line}\n{body or ''}"
    return MagicUse(
        reads, candidates=frozenset(identifiers(text)), binds=_outputs(line), binds_unknown=True
    )


def _on_variables(name: str, line: str, reads: frozenset[str]) -> MagicUse | None:
    """Say what magics do that are about variables, or about the past."""
    found = frozenset(identifiers(line))
    if name in _LIST_ALL:
        use = MagicUse(uses_all=True)
    elif name in {"reset", "reset_selective", "rerun", "run", "pylab"}:
        here = name not in {"run", "pylab"} or "-i" in line.split() or ".ipy" in line
        use = MagicUse(reads, uses_all=here, binds_unknown=True)
    elif name in _ASK or name == "xdel":
        use = MagicUse(reads | found, deletes=found if name == "xdel" else frozenset())
    elif name == "store":
        use = _store(line, reads)
    elif name in _PAST:
        bound = found if name in {"macro", "sc"} else frozenset[str]()
        use = MagicUse(reads | {"In"}, binds=bound)
    else:
        return None
    return use


def expanded_names(text: str) -> frozenset[str]:
    """Return the names that IPython may replace in a command: ``{name}`` and ``$name``."""
    found = set(_DOLLAR.findall(text))
    for part in _FIELD.findall(text):
        try:
            tree = ast.parse(part.partition("!")[0].partition(":")[0].strip(), mode="eval")
        except SyntaxError:
            continue
        found |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return frozenset(found)


def _store(line: str, reads: frozenset[str]) -> MagicUse:
    names = frozenset(identifiers(_STORE_OPTION.sub("", line.partition(">")[0])))
    if "-r" in line.split():
        return MagicUse(reads, binds=names, binds_unknown=not names)
    return MagicUse(reads if _STORE_OPTION.search(line) else reads | names)


def _outputs(line: str) -> frozenset[str]:
    return frozenset(name for found in _OUTPUT.findall(line) for name in found.split(","))
