"""The serving log of the contract: one row per answer, as Parquet files that are renamed into place every second."""

import json
import os
import threading
import time
from datetime import datetime, timezone
from pathlib import Path

import pyarrow
import pyarrow.parquet

SCHEMA = pyarrow.schema(
    [
        ("id", pyarrow.string()),
        ("time", pyarrow.timestamp("us")),  # UTC
        ("model_version", pyarrow.string()),
        ("status", pyarrow.int32()),
        ("score", pyarrow.float64()),  # null where no score was answered
        ("inputs", pyarrow.string()),  # JSON object
    ]
)


class ServingLog:
    def __init__(self, folder, model_version, every_seconds=1.0):
        self.folder = Path(folder)
        self.model_version = model_version
        self.every_seconds = every_seconds
        self.rows = []
        self.written = 0
        self.stopped = threading.Event()
        self.writer = threading.Thread(target=self._write_until_stopped, daemon=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.writer.start()

    def add(self, request_id, status, score, inputs):
        """Cheap enough for the request's own path; `inputs` is turned into text by the writer."""
        self.rows.append((request_id, datetime.now(timezone.utc), status, score, inputs))

    def close(self):
        """Writes what is left."""
        self.stopped.set()
        self.writer.join()

    def _write_until_stopped(self):
        while not self.stopped.wait(self.every_seconds):
            self._flush()
        self._flush()

    def _flush(self):
        rows, self.rows = self.rows, []
        by_day = {}
        for row in rows:
            by_day.setdefault(row[1].date().isoformat(), []).append(row)
        for day, of_day in by_day.items():
            self._write(self.folder / f"day={day}", of_day)

    def _write(self, folder, rows):
        ids, times, statuses, scores, inputs = zip(*rows)
        texts = [json.dumps(row, separators=(",", ":")) for row in inputs]
        versions = [self.model_version] * len(rows)
        columns = [ids, [moment.replace(tzinfo=None) for moment in times], versions, statuses, scores, texts]
        arrays = [pyarrow.array(column, field.type) for column, field in zip(columns, SCHEMA)]
        folder.mkdir(exist_ok=True)
        self.written += 1
        # The name never repeats, not even when a server with the same process id starts again.
        name = f"{time.time_ns()}-{os.getpid()}-{self.written}.parquet"
        part = folder / f".{name}.part"
        pyarrow.parquet.write_table(pyarrow.Table.from_arrays(arrays, schema=SCHEMA), part)
        part.rename(folder / name)
