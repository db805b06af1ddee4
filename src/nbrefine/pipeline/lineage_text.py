"""A product's lineage for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SHORT = 12


def lineage_text(data: Mapping[str, Any]) -> str:
    """Write a lineage in lines.

    Parameters
    ----------
    data
        As `lineage_data` returns it.

    Returns
    -------
    str
        What made the product, the nearest step first, and what depends on it.
    """
    lines = [f"{data['product']}: {data['condition']}"]
    for step in data["steps"]:
        lines += ["", *_step(step)]
    lines += ["", "What depends on it:" if data["dependents"] else "Nothing depends on it."]
    lines += [f"  {_dependent(each)}" for each in data["dependents"]]
    return "\n".join(lines) + "\n"


def _step(step: Mapping[str, Any]) -> Iterator[str]:
    when = step["finished"].replace("T", " ")
    how = {"ran": f"ran for {step['seconds']:.1f} s"}.get(step["how"], f"was {step['how']}")
    yield f"{step['step']} {how}, {when}"
    for title, values in (
        ("made", [f"{each['path']}  {_short(each['content'])}" for each in _values(step)]),
        ("run", [_run(step["run"])]),
        ("params", [f"{name}: {_value(value)}" for name, value in step["params"].items()]),
        ("from", [_above(each) for each in step["from"]]),
        ("lost", [f"no record of {each} is left" for each in step["lost"]]),
        ("files", [f"{path}  {_short(digest)}" for path, digest in step["files"].items()]),
        ("folders", [f"{path}  (its files' names)" for path in step["folders"]]),
        ("code", [f"{path}  {_short(digest)}" for path, digest in step["sources"].items()]),
        ("packages", [_packages(step)]),
        ("environ", [f"{name}  {_short(value)}" for name, value in step["environ"].items()]),
        ("besides", [*_besides(step)]),
    ):
        for index, value in enumerate(values):
            yield f"  {'' if index else title:<9} {value}"


def _values(step: Mapping[str, Any]) -> list[Mapping[str, str]]:
    return [*step["products"].values()]


def _run(run: Mapping[str, Any]) -> str:
    parts = [run["id"]]
    parts += [f"on {run['host']}"] if "host" in run else []
    if "commit" in run:
        clean = "clean" if run.get("clean") else "with changes that are in no commit"
        parts.append(f"at commit {run['commit'][:_SHORT]}, {clean}")
    return " ".join(parts)


def _above(above: Mapping[str, str]) -> str:
    return f"{above['path']}  {_short(above['content'])}  ({above['step']})"


def _packages(step: Mapping[str, Any]) -> str:
    found = {"Python": step["python"], **step["packages"]}
    return ", ".join(f"{name} {version}" for name, version in found.items())


def _besides(step: Mapping[str, Any]) -> Iterator[str]:
    if step["network"]:
        yield "it reached for the network: what it got from there is not recorded"
    if step["programs"]:
        yield "it started other programs: what these read is not recorded"


def _dependent(each: Mapping[str, Any]) -> str:
    through = f", through {each['through']}" if each["through"] else ""
    old = "" if each["current"] else ", made from another version"
    return f"{each['step']} ({', '.join(each['products'])}){through}{old}"


def _value(value: str) -> str:
    return (
        f"{value.partition(':')[0]} {_short(value.partition(':')[2])}" if _hides(value) else value
    )


def _hides(value: str) -> bool:
    return value.startswith("sha256:")


def _short(digest: str) -> str:
    return digest[:_SHORT]
