"""A product's lineage as plain data, credentials masked: what the text, the page and JSON show."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from nbrefine.pipeline.fingerprint import ABSENT
from nbrefine.report.masking import mask_text

if TYPE_CHECKING:
    from nbrefine.pipeline.ledger_rows import Published
    from nbrefine.pipeline.lineage import Lineage, Origin


def lineage_data(lineage: Lineage) -> dict[str, Any]:
    """Return a lineage as JSON can hold it.

    Parameters
    ----------
    lineage
        What is known of a product.

    Returns
    -------
    dict
        ``product``, ``condition``, ``steps`` (what made it, the nearest first; each with ``run``,
        ``finished``, ``seconds``, ``products``, ``params``, ``files``, ``packages``, ``environ``,
        ``sources``, ``from``, ``lost``) and ``dependents``.
    """
    origins: dict[int, list[Origin]] = {}
    for origin in reversed([*lineage.origin.all()]):
        origins.setdefault(origin.row.id, []).append(origin)
    return {
        "product": lineage.path,
        "condition": lineage.condition.value,
        "steps": [_step(versions) for versions in origins.values()],
        "dependents": [
            {
                "step": each.step,
                "products": [*each.products],
                "through": each.through or None,
                "current": each.current,
            }
            for each in lineage.dependents
        ],
    }


def _step(versions: list[Origin]) -> dict[str, Any]:
    """Return what is known of one run of a step, of which one or more products were used."""
    row, run = versions[0].row, versions[0].run
    finished = dt.datetime.fromtimestamp(row.finished).astimezone()
    return {
        "step": row.step,
        "how": row.how,
        "finished": finished.isoformat(timespec="seconds"),
        "seconds": round(row.seconds, 3),
        "run": {"id": row.run, **(dict(run.facts) if run else {})},
        "products": {each.name: _made(each) for each in versions},
        "params": {name: mask_text(value) for name, value in _labelled(row, "param").items()},
        "files": versions[0].inputs,
        "folders": sorted(_labelled(row, "folder")),
        "python": row.static.get("python", ""),
        "packages": _labelled(row, "package"),
        "environ": {
            name: "not set" if digest == ABSENT else digest
            for name, digest in _labelled(row, "environ").items()
        },
        "sources": dict(row.sources),
        "network": row.observed.network,
        "programs": row.observed.subprocess,
        "from": [
            {"step": each.row.step, "path": each.made.path, "content": each.made.content}
            for each in versions[0].above
        ],
        "lost": [*versions[0].lost],
    }


def _made(origin: Origin) -> dict[str, str]:
    made = origin.made
    return {"path": made.path, "digest": made.digest, "content": made.content}


def _labelled(row: Published, kind: str) -> dict[str, str]:
    start = f"{kind}:"
    return {
        label.removeprefix(start): value
        for label, value in sorted(row.parts.items())
        if label.startswith(start)
    }
