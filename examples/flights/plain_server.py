"""The same model behind a server of its own making: `POST /predict {"rows": [{…}]}` answers `{"predictions": [0.7]}`.

A policy describes it in `serving.http`: { ready: /healthy, infer: /predict, body: rows, versionHeader: x-model-version }.
Only the standard library, to show that any server will do.
"""

import json
import os
import signal
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from flights_model import FEATURES, FlightsModel
from serving_log import ServingLog


def create_handler(model, version, log):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1  # One packet per answer.

        def do_GET(self):
            self.answer(200 if self.path == "/healthy" else 404, {})

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            if self.path != "/predict":
                return self.answer(404, {"error": f"{self.path} is not here; expected /predict"})
            try:
                rows = json.loads(body)["rows"]
                columns = {name: [row[name] for row in rows] for name in FEATURES}
                scores = model.scores(columns).tolist()
            except (ValueError, KeyError, TypeError) as wrong:
                return self.answer(400, {"error": f"expected rows with {FEATURES}: {wrong!r}"})
            request_id = self.headers.get("x-request-id") or uuid.uuid4().hex
            for position, (score, row) in enumerate(zip(scores, rows)):
                log.add(request_id if len(rows) == 1 else f"{request_id}/{position}", 200, score, row)
            return self.answer(200, {"predictions": scores})

        def answer(self, status, content):
            text = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(text)))
            self.send_header("x-model-version", version)
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_):
            pass

    return Handler


def main():
    spec = json.loads(Path(os.environ["UNDERSTUDY_SPEC"]).read_text())
    version = str(spec["version"])
    log = ServingLog(spec["log"], version)
    handler = create_handler(FlightsModel(spec["artifact"]), version, log)
    server = ThreadingHTTPServer((spec["host"], spec["port"]), handler)
    # shutdown() waits for serve_forever, which runs in this very thread.
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever()
    server.server_close()
    log.close()


if __name__ == "__main__":
    main()
