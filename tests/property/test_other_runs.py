"""What another run showed is read as it was written."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from nbrefine.testing.other_runs import as_difference, from_difference

TEXTS = st.lists(st.sampled_from(["a", "b", "", "\n", "\r\n", "\x0c", "é\n"])).map("".join)
STREAMS = st.builds(lambda text: {"output_type": "stream", "text": text}, TEXTS)
RESULTS = st.builds(
    lambda data, more: {"output_type": "display_data", "data": data | more},
    st.dictionaries(st.sampled_from(["text/plain", "text/html"]), TEXTS),
    st.dictionaries(
        st.sampled_from(["application/json", "application/x-odd"]),
        st.dictionaries(st.just("1"), st.integers()) | st.none(),
    ),
)
OUTPUTS = st.lists(STREAMS | RESULTS, max_size=3)


@given(OUTPUTS, OUTPUTS)
def test_it_is_read_as_it_was_written(run: list, outputs: list) -> None:
    """Whatever the other run has in common with the one that counts."""
    written = json.loads(json.dumps(as_difference(run, outputs)))
    assert from_difference(written, outputs) == run
