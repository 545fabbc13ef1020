"""Trains and predicts late flights: an example of the trainer contract.

The path of a JSON spec is in UNDERSTUDY_SPEC; `result.json` is the answer. Everything Understudy needs is in `main` and in
`write_result`, and in checkpoints.py; the rest is what any trainer does. Exit codes: 0 done, 64 contract, 65 data, 69 MLflow is down, 75 stopped
after a checkpoint (start me again), 78 configuration.
"""

import json
import os
import resource
import signal
import sys
import time
from contextlib import nullcontext
from pathlib import Path

import lightgbm
import numpy
import pyarrow
import pyarrow.parquet

from checkpoints import Checkpoints, digest, write_whole
from flights_model import FEATURES, NAMES, TEXT, FlightsModel, fit_encoders, matrix

BEGAN = time.monotonic()
CHECKPOINT_EVERY = 50
DEFAULTS = {"num_leaves": 31, "learning_rate": 0.05, "min_child_samples": 100, "trees": 200}
REQUIREMENTS = [f"lightgbm=={lightgbm.__version__}", f"numpy=={numpy.__version__}"]


class Stop(Exception):
    """Ends the process with a message and an exit code of the contract."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def main():
    try:
        spec = json.loads(Path(os.environ["UNDERSTUDY_SPEC"]).read_text())
        modes = {"train": train, "predict": predict}
        mode = modes[spec["mode"]]
    except KeyError as missing:
        raise Stop(64, f"UNDERSTUDY_SPEC must name a spec with mode train or predict; not found: {missing}") from missing
    output = Path(spec["output"])
    output.mkdir(parents=True, exist_ok=True)
    write_result(output, {"mode": spec["mode"], **mode(spec, output)})


def train(spec, output):
    settings = settings_of(spec)
    columns, late = read(spec, with_label=True)
    with mlflow_run(spec, settings) as tracking:
        encoders = fit_encoders(columns, late)
        booster, resumed_from = fit(matrix(columns, encoders), late, settings, spec)
        artifact = output / "artifact"
        artifact.mkdir(exist_ok=True)
        booster.save_model(str(artifact / "model.txt"))
        (artifact / "encoders.json").write_text(json.dumps(encoders, sort_keys=True))
        metrics = {f"train_{name}": value for _, name, value, _ in booster.eval_train()}
        metrics |= {"train_rows": len(late), "train_late_rate": encoders["mean"]}
        libraries = {"lightgbm": lightgbm.__version__, "numpy": numpy.__version__, "pyarrow": pyarrow.__version__}
        if tracking:
            tracking.log_metrics(metrics)
            tracking.log_dict(encoders, "encoders.json")
            tracking.lightgbm.log_model(booster, name="model", pip_requirements=REQUIREMENTS)
            libraries["mlflow"] = tracking.__version__
    files = [{"path": file.name, "sha256": digest(file)} for file in sorted(artifact.iterdir())]
    return {
        "artifact": {"path": "artifact", "files": files},
        "metrics": metrics,
        "libraries": libraries,
        "stepsDone": booster.num_trees(),
        "resumedFrom": resumed_from,
        "seed": spec["seed"],
        "used": used(),
    }


def predict(spec, output):
    columns, ids = read(spec, with_label=False)
    scores = FlightsModel(spec["artifact"]).scores(columns)
    path = output / "predictions.parquet"
    pyarrow.parquet.write_table(pyarrow.table({spec["columns"]["id"]: ids, "score": scores}), path)
    return {"predictions": {"path": path.name, "sha256": digest(path), "rows": len(scores)}}


def settings_of(spec):
    unknown = sorted(set(spec["params"]) - set(DEFAULTS))
    if unknown:
        raise Stop(78, f"unknown params {unknown}; this trainer knows {sorted(DEFAULTS)}")
    return {**DEFAULTS, **spec["params"]}


def read(spec, with_label):
    """All files of the spec as numpy columns, and the labels (train) or the ids (predict) beside them."""
    last = spec["columns"]["label" if with_label else "id"]
    try:
        table = pyarrow.concat_tables(read_file(file, [*FEATURES, last]) for file in spec["files"])
        columns = {
            name: table[name].cast(pyarrow.string() if name in TEXT else pyarrow.float64()).to_numpy()
            for name in FEATURES
        }
        if not with_label:
            return columns, table[last]
        late = table[last].cast(pyarrow.float64()).to_numpy()
    except pyarrow.ArrowInvalid as wrong:
        raise Stop(65, f"cannot read {[file['name'] for file in spec['files']]}: {wrong}") from wrong
    classes = numpy.unique(late).tolist()
    if classes != [0, 1]:
        raise Stop(65, f"label {last} holds {classes[:5]} in {len(late)} rows; expected both 0 and 1")
    return columns, late


def read_file(file, wanted):
    present = pyarrow.parquet.read_schema(file["path"]).names
    missing = [name for name in wanted if name not in present]
    if missing:
        raise Stop(65, f"{file['name']} lacks the columns {missing}; it has {present}")
    table = pyarrow.parquet.ParquetFile(file["path"]).read(columns=wanted)
    gaps = [name for name in wanted if table[name].null_count > 0]
    if gaps:
        raise Stop(65, f"{file['name']} has null values in {gaps}; expected none")
    return table


def fit(rows, late, settings, spec):
    """Boosts to `trees`, going on from the newest checkpoint of this run; a checkpoint every 50 trees and at SIGTERM."""
    checkpoints = Checkpoints(spec)
    begun, start = checkpoints.latest()
    told = []
    signal.signal(signal.SIGTERM, lambda *_: told.append("SIGTERM"))

    def after_tree(state):
        done = state.iteration + 1
        progress(done, settings["trees"])
        if done == settings["trees"]:
            return
        if told or done % CHECKPOINT_EVERY == 0:
            checkpoints.save(state.model, done)
        if told:
            raise Stop(75, f"asked to stop: {done} of {settings['trees']} trees are saved, start me again to go on")

    booster = lightgbm.train(
        {
            "objective": "binary",
            "metric": ["auc", "binary_logloss"],
            **{name: value for name, value in settings.items() if name != "trees"},
            "seed": spec["seed"],
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": 1,
            "verbosity": -1,
        },
        lightgbm.Dataset(rows, late, feature_name=NAMES, free_raw_data=False),
        num_boost_round=settings["trees"] - (begun or 0),
        init_model=start,
        callbacks=[after_tree],
        keep_training_booster=True,
    )
    return booster, begun


def mlflow_run(spec, settings):
    """MLflow as any trainer uses it: a run that was started for us is found in MLFLOW_RUN_ID. Not configured: None."""
    if not os.environ.get("MLFLOW_TRACKING_URI"):
        return nullcontext(None)
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
    import mlflow
    import mlflow.lightgbm

    return Tracking(mlflow, {**settings, "seed": spec["seed"]})


class Tracking:
    """`mlflow.start_run()` with our parameters; a server that does not answer ends the trainer with 69."""

    def __init__(self, mlflow, params):
        self.mlflow, self.params = mlflow, params

    def __enter__(self):
        try:
            self.mlflow.start_run()
            self.mlflow.log_params(self.params)
        except self.mlflow.exceptions.MlflowException as error:
            raise Stop(69, f"MLflow at {self.mlflow.get_tracking_uri()} did not answer: {error}") from error
        return self.mlflow

    def __exit__(self, kind, error, _):
        if isinstance(error, self.mlflow.exceptions.MlflowException):
            raise Stop(69, f"MLflow at {self.mlflow.get_tracking_uri()} did not answer: {error}") from error
        self.mlflow.end_run("FAILED" if kind else "FINISHED")


def progress(step, of):
    """One line for Understudy's live display, at most one per five trees."""
    path = os.environ.get("UNDERSTUDY_PROGRESS")
    if path and (step % 5 == 0 or step == of):
        with open(path, "a") as file:
            file.write(json.dumps({"step": step, "of": of, "note": "trees"}) + "\n")


def used():
    """What this process took, as the kernel counts it; the advice on `training.resources` rests on it."""
    mine = resource.getrusage(resource.RUSAGE_SELF)
    unit = 1 if sys.platform == "darwin" else 1024
    seconds = time.monotonic() - BEGAN
    return {"seconds": seconds, "cpuSeconds": mine.ru_utime + mine.ru_stime, "memoryBytes": mine.ru_maxrss * unit}


def write_result(output, result):
    write_whole(output / "result.json", json.dumps(result, indent=2))


if __name__ == "__main__":
    try:
        main()
    except Stop as stop:
        print(f"train.py: {stop}", file=sys.stderr)
        sys.exit(stop.code)
