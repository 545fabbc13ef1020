"""Everything that turns a flight into a score. Trainer and server import this file, so both compute the same numbers."""

import json
import math
from pathlib import Path

import lightgbm
import numpy
import pyarrow

FEATURES = ["origin_late", "network_late", "hour", "distance", "weekday", "origin", "destination"]
TEXT = {"origin", "destination"}
NAMES = ["hour_sine", "hour_cosine", "weekday", "distance", "origin_rate", "destination_rate", *FEATURES[:2]]
PSEUDO_FLIGHTS = 50


def late_rates(airports, late):
    """Late rate per airport, drawn towards the mean of all by 50 pseudo-flights; arrays of one length."""
    table = pyarrow.table({"airport": airports, "late": late})
    totals = table.group_by("airport").aggregate([("late", "sum"), ("late", "count")])
    return {
        row["airport"]: (row["late_sum"] + PSEUDO_FLIGHTS * late.mean()) / (row["late_count"] + PSEUDO_FLIGHTS)
        for row in totals.to_pylist()
    }


def fit_encoders(columns, late):
    """What must be learnt from the training rows besides the trees; written to `encoders.json`."""
    return {
        "mean": float(late.mean()),
        "origin": late_rates(columns["origin"], late),
        "destination": late_rates(columns["destination"], late),
    }


def matrix(columns, encoders):
    """Columns of `FEATURES` as equally long sequences -> one row of `NAMES` per flight. Unknown airports get the mean."""
    angle = numpy.asarray(columns["hour"], dtype=float) * (2 * math.pi / 24)
    rate = {
        end: [encoders[end].get(name, encoders["mean"]) for name in columns[end]] for end in ("origin", "destination")
    }
    return numpy.column_stack(
        [
            numpy.sin(angle),
            numpy.cos(angle),
            numpy.asarray(columns["weekday"], dtype=float),
            numpy.asarray(columns["distance"], dtype=float),
            rate["origin"],
            rate["destination"],
            numpy.asarray(columns["origin_late"], dtype=float),
            numpy.asarray(columns["network_late"], dtype=float),
        ]
    )


class FlightsModel:
    """An artifact directory, ready to score."""

    def __init__(self, artifact):
        folder = Path(artifact)
        self.encoders = json.loads((folder / "encoders.json").read_text())
        self.booster = lightgbm.Booster(model_file=str(folder / "model.txt"))

    def scores(self, columns):
        """Probability of arriving more than 15 minutes late, one per row. Columns: see `matrix`."""
        return self.booster.predict(matrix(columns, self.encoders), num_threads=1)
