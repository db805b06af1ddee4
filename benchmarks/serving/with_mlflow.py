"""MLflow's scoring server with a model of its own kind, one worker."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import mlflow.pyfunc
import uvicorn

from benchmarks.serving.answering import Answering

# As MLflow's own command says which model its server loads.
_SERVED = "__pyfunc_model_path__"


class Predict(mlflow.pyfunc.PythonModel):
    """Predicts the rows of a request; what it serves is told by the environment."""

    def load_context(self, context: Any) -> None:  # noqa: ANN401, ARG002  (MLflow's interface)
        """Load the model."""
        self.answering = Answering(os.environ["SERVED_MODEL"], os.environ["SERVED_STORE"])

    def predict(self, context: Any, model_input: Any, params: Any = None) -> Any:  # noqa: ANN401, ARG002
        """Answer."""
        # A frame has NaN where JSON had null.
        plain = model_input.astype(object).where(model_input.notna(), None)
        return self.answering.rows(plain.to_dict("records"))


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        model = Path(folder) / "model"
        mlflow.pyfunc.save_model(model, python_model=Predict(), pip_requirements=[])
        os.environ[_SERVED] = str(model)
        uvicorn.run(
            "mlflow.pyfunc.scoring_server.app:app",
            port=int(sys.argv[1]),
            log_level="warning",
            access_log=False,
        )
