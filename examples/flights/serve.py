"""Serves a flights model over the Open Inference Protocol v2: an example of the server contract.

The path of a JSON spec is in UNDERSTUDY_SPEC. `--faults` adds `POST /faults {"errors": 0.5}`, with which the demo makes the
given share of answers a 500.
"""

import argparse
import gc
import json
import os
import random
import uuid
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from flights_model import FEATURES, TEXT, FlightsModel
from serving_log import ServingLog


class BadRequest(Exception):
    """The caller's fault; its text is the answer's `error`."""


def tensors(body):
    """Inference request -> one equally long list of values per feature. Inputs that are no feature are ignored."""
    given = {tensor.get("name"): tensor.get("data") for tensor in body.get("inputs", [])}
    missing = [name for name in FEATURES if not isinstance(given.get(name), list)]
    if missing:
        raise BadRequest(f"inputs lack {missing}; expected one tensor with a list `data` for each of {FEATURES}")
    columns = {name: given[name] for name in FEATURES}
    if len({len(values) for values in columns.values()}) != 1 or not columns["hour"]:
        raise BadRequest(f"tensors have {[len(values) for values in columns.values()]} values; expected equally many")
    for name, values in columns.items():
        kinds = str if name in TEXT else (int, float)
        if not all(isinstance(value, kinds) for value in values):
            raise BadRequest(f"{name} holds {values[:3]}; expected {'text' if name in TEXT else 'numbers'}")
    return columns


def create_app(spec, faults_allowed):
    name, version = spec["model"], str(spec["version"])
    model = FlightsModel(spec["artifact"])
    log = ServingLog(spec["log"], version)
    faults = {"errors": 0.0}
    named = {"x-model-version": version}

    @asynccontextmanager
    async def lifespan(_):
        gc.freeze()  # What is loaded by now stays; collections need not look at it again.
        yield
        log.close()

    app = FastAPI(lifespan=lifespan, openapi_url=None)

    def answer(content, status=200):
        return JSONResponse(content, status, named)

    def unknown(model_name, model_version):
        return model_name != name or model_version not in (None, version)

    @app.get("/v2")
    async def server():
        return answer({"name": "flights", "version": "1", "extensions": []})

    @app.get("/v2/health/live")
    @app.get("/v2/health/ready")
    async def healthy():
        return Response(headers=named)

    @app.get("/v2/models/{model_name}")
    @app.get("/v2/models/{model_name}/versions/{model_version}")
    @app.get("/v2/models/{model_name}/ready")
    @app.get("/v2/models/{model_name}/versions/{model_version}/ready")
    async def metadata(request: Request, model_name: str, model_version: str | None = None):
        if unknown(model_name, model_version):
            return answer({"error": f"this server has {name} version {version} only"}, 404)
        if request.url.path.endswith("/ready"):
            return Response(headers=named)
        inputs = [
            {"name": feature, "datatype": "BYTES" if feature in TEXT else "FP64", "shape": [-1, 1]} for feature in FEATURES
        ]
        outputs = [{"name": "score", "datatype": "FP64", "shape": [-1, 1]}]
        return answer(
            {"name": name, "versions": [version], "platform": "lightgbm", "inputs": inputs, "outputs": outputs}
        )

    @app.post("/v2/models/{model_name}/infer")
    @app.post("/v2/models/{model_name}/versions/{model_version}/infer")
    async def infer(request: Request, model_name: str, model_version: str | None = None):
        if unknown(model_name, model_version):
            return answer({"error": f"this server has {name} version {version} only"}, 404)
        try:
            body = json.loads(await request.body())
            columns = tensors(body)
        except (ValueError, AttributeError, TypeError, BadRequest) as wrong:
            return answer({"error": str(wrong)}, 400)
        request_id = request.headers.get("x-request-id") or body.get("id") or uuid.uuid4().hex
        rows = [dict(zip(FEATURES, values)) for values in zip(*columns.values())]
        if random.random() < faults["errors"]:
            record(request_id, 500, [None] * len(rows), rows)
            return answer({"error": "fault injected by POST /faults"}, 500)
        scores = model.scores(columns).tolist()
        record(request_id, 200, scores, rows)
        outputs = [{"name": "score", "datatype": "FP64", "shape": [len(scores), 1], "data": scores}]
        return answer(
            {"model_name": name, "model_version": version, "id": body.get("id", request_id), "outputs": outputs}
        )

    def record(request_id, status, scores, rows):
        """One row per answer; a batch counts its rows in the id."""
        for position, (score, row) in enumerate(zip(scores, rows)):
            log.add(request_id if len(rows) == 1 else f"{request_id}/{position}", status, score, row)

    @app.post("/faults")
    async def set_faults(request: Request):
        if not faults_allowed:
            return answer({"error": "start the server with --faults to inject faults"}, 404)
        wanted = (await request.json()).get("errors")
        if not isinstance(wanted, (int, float)) or not 0 <= wanted <= 1:
            return answer({"error": f"errors is {wanted!r}; expected a share from 0 to 1"}, 400)
        faults["errors"] = float(wanted)
        return answer(faults)

    return app


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--faults", action="store_true", help="allow POST /faults")
    options = arguments.parse_args()
    spec = json.loads(Path(os.environ["UNDERSTUDY_SPEC"]).read_text())
    app = create_app(spec, options.faults)
    uvicorn.run(
        app,
        host=spec["host"],
        port=spec["port"],
        access_log=False,
        log_level="warning",
        timeout_keep_alive=75,
        timeout_graceful_shutdown=5,
    )


if __name__ == "__main__":
    main()
