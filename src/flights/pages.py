"""The report as a page: for readers, so without code."""

from __future__ import annotations

from nbconvert.exporters import HTMLExporter


class ReaderExporter(HTMLExporter):
    """Export a notebook as HTML that shows prose, tables and figures.

    ``pipeline.yaml`` names it. Ploomber's own `nbconvert_export_kwargs` would do the same, with a
    warning at every build for the copy that stays a notebook.
    """

    exclude_input = True
    exclude_input_prompt = True
    exclude_output_prompt = True
