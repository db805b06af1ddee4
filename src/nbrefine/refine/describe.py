"""What became of a notebook, as data."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from nbrefine.refine.generated_tests.generate import GeneratedTests
from nbrefine.refine.inline.report import transforms_json
from nbrefine.refine.prove.proof import headline, proof_json
from nbrefine.refine.tested import describe_tests
from nbrefine.refine.uncut import why_uncut
from nbrefine.report.masking import mask_text, mask_value

if TYPE_CHECKING:
    from nbrefine.refine.draft import Draft
    from nbrefine.refine.plan.steps import Step
    from nbrefine.refine.refine import Refinement


def refinement_json(refinement: Refinement) -> dict[str, Any]:
    """Describe a refinement: steps, what crosses, parameters, what was given up, the proof."""
    draft, recording = refinement.draft, refinement.recording
    proof = refinement.proof
    return {
        "notebook": refinement.notebook.name,
        "project": refinement.root.resolve().name,
        "steps": [step_json(step, draft) for step in draft.steps],
        "parameters": {
            each.name: mask_value(each.name, each.value)
            for each in draft.parameterization.parameters
        },
        "credentials": list(refinement.credentials),
        "inputs": sorted({path for each in draft.sources.inputs.values() for path in each}),
        "uncut": [asdict(bond) for bond in draft.plan.bonds],
        "one_step_since": list(why_uncut(draft)),
        "moved": [asdict(each) for each in draft.extraction.moved],
        "left": [asdict(each) for each in draft.extraction.left],
        "transforms": named_transforms(refinement),
        "retreats": list(refinement.retreats),
        "unmendable": list(refinement.unmendable),
        "taken_up": refinement.taken_up,
        "basis": recording.basis,
        "nondeterministic": {
            str(origin): mask_text(recording.causes.get(origin, ""))
            for origin in sorted(recording.varying)
        },
        "seconds": {
            "notebook": round(recording.plain_seconds or recording.observed_seconds, 3),
            "observed": round(recording.observed_seconds, 3),
        },
        "verdict": headline(proof) if proof else "not proved",
        "proof": proof_json(proof) if proof else None,
        "tests": describe_tests(refinement.tests) if refinement.tests else None,
    }


def named_transforms(refinement: Refinement) -> list[dict[str, Any]]:
    """Describe the inline transforms that are functions now."""
    tests = refinement.tests or GeneratedTests()
    transforms = refinement.draft.naming.transforms
    return transforms_json(transforms, tests.classifications, tests.transformers)


def step_json(step: Step, draft: Draft) -> dict[str, Any]:
    """Describe a step."""
    return {
        "name": step.name,
        "title": step.title,
        "cells": list(step.cells),
        "notebook": step.notebook,
        "upstream": list(step.upstream),
        "takes": [{"from": read.step, "names": list(read.names)} for read in step.reads],
        "gives": [
            {
                "names": list(product.stored.names),
                "format": product.stored.format,
                "path": product.path,
                "why": product.stored.reason,
            }
            for product in step.products
            if product.stored
        ],
        "params": sorted(step.params),
        "reasons": sorted(
            {
                bond.reason
                for bond in draft.plan.bonds
                if bond.first in step.cells and bond.first < bond.last
            }
        ),
    }
