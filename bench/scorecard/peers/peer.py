"""The same criteria by scikit-learn and fairlearn: values of both models, for all rows and by slice, without any interval; or those
of one redraw of the rows, which a bootstrap repeats for its intervals. Reading the files and joining them is not counted."""

import json
import resource
import sys
import time
from importlib.metadata import version

import fairlearn.metrics as fair
import numpy
import pandas
import pyarrow.parquet as parquet
import sklearn.metrics as sk

TOP = 0.2
K = 0.1


def calibration_error(label, score):
    order = numpy.argsort(score, kind="stable")
    bins = 10 * numpy.arange(len(score)) // len(score)
    gaps = numpy.bincount(bins, weights=score[order] - label[order], minlength=10)
    return numpy.abs(gaps).sum() / len(score)


def of_scores():
    return {
        "auc": lambda y, s: sk.roc_auc_score(y, s) if 0 < y.sum() < len(y) else numpy.nan,
        "averagePrecision": sk.average_precision_score,
        "logLoss": lambda y, s: sk.log_loss(y, s, labels=[0, 1]),
        "brier": sk.brier_score_loss,
        "ece": lambda y, s: calibration_error(numpy.asarray(y), numpy.asarray(s)),
        "calibrationGap": lambda y, s: numpy.mean(s - y),
    }


def of_flags():
    return {
        "recall": lambda y, f: sk.recall_score(y, f, zero_division=0),
        "precision": lambda y, f: sk.precision_score(y, f, zero_division=0),
        "f1": lambda y, f: sk.f1_score(y, f, zero_division=0),
        "accuracy": sk.accuracy_score,
    }


GAPS = [
    fair.demographic_parity_difference,
    fair.demographic_parity_ratio,
    fair.equalized_odds_difference,
    fair.equalized_odds_ratio,
    fair.equal_opportunity_difference,
]


def measure(rows, slices):
    """Everything that a scorecard asks, for both models."""
    label = rows["y"].to_numpy()
    answer = {}
    for model in ("challenger", "champion"):
        score = rows[model].to_numpy()
        cut = numpy.partition(score, len(score) - int(numpy.ceil(TOP * len(score))))[
            len(score) - int(numpy.ceil(TOP * len(score)))
        ]
        flags = (score >= cut).astype(int)
        for name, metric in of_scores().items():
            answer[model, name] = metric(label, score)
        for name, metric in of_flags().items():
            answer[model, name] = metric(label, flags)
        k = int(numpy.ceil(K * len(score)))
        answer[model, "precisionAtK"] = label[numpy.argpartition(score, len(score) - k)[-k:]].mean()
        wrong = sk.confusion_matrix(label, flags)
        answer[model, "cost"] = (wrong[0, 1] + wrong[1, 0]) / len(label)
        for name in slices:
            groups = rows[name]
            by_score = fair.MetricFrame(
                metrics=of_scores(), y_true=label, y_pred=score, sensitive_features=groups
            )
            by_flag = fair.MetricFrame(
                metrics=of_flags(), y_true=label, y_pred=flags, sensitive_features=groups
            )
            answer[model, name] = (by_score.by_group, by_flag.by_group)
            for gap in GAPS:
                answer[model, name, gap.__name__] = gap(label, flags, sensitive_features=groups)
    return answer


def spent():
    own = resource.getrusage(resource.RUSAGE_SELF)
    return own.ru_utime + own.ru_stime


def read(task):
    columns = {"columns": ["id", *task["slices"]]}
    rows = parquet.read_table(task["holdout"], **columns).slice(0, task["rows"]).to_pandas()
    for name in task["slices"]:
        rows[name] = rows[name].astype("category")
    rows["y"] = parquet.read_table(task["labels"])["y"].slice(0, task["rows"]).to_numpy().astype("int64")
    for model in ("challenger", "champion"):
        rows[model] = parquet.read_table(task[model])["score"].slice(0, task["rows"]).to_numpy()
    return rows


def main():
    task = json.loads(sys.argv[1])
    rows = read(task)
    cpu, begun = spent(), time.perf_counter()
    if task["redraw"]:
        rows = rows.take(numpy.random.default_rng(7).integers(0, len(rows), len(rows)))
    values = measure(rows, task["slices"])
    answer = {
        "cpu": spent() - cpu,
        "wall": time.perf_counter() - begun,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "rows": len(rows),
        "version": f"scikit-learn {version('scikit-learn')}, fairlearn {version('fairlearn')}",
        "answer": {
            "auc": values["challenger", "auc"],
            "averagePrecision": values["challenger", "averagePrecision"],
            "equalizedOdds": values["challenger", task["slices"][-1], "equalized_odds_difference"],
        },
    }
    print("\n" + json.dumps(answer))


main()
