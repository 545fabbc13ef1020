"""What a peer's work costs: CPU and wall of the work alone (reading the files is not counted), peak memory of the process."""

import json
import resource
import sys
import time
from importlib.metadata import version

import pyarrow.parquet as parquet


def frame(files, columns, rows):
    """The first rows of some Parquet files as pandas."""
    tables, left = [], rows
    for file in files:
        if left <= 0:
            break
        table = parquet.read_table(file, columns=columns).slice(0, left)
        left -= table.num_rows
        tables.append(table.to_pandas())
    import pandas

    return pandas.concat(tables, ignore_index=True)


def spent():
    own, others = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime


def measure(package, work):
    task = json.loads(sys.argv[1])
    reference = frame(task["reference"], task["columns"], task["rows"])
    current = frame(task["current"], task["columns"], task["rows"])
    cpu, begun = spent(), time.perf_counter()
    work(reference, current, task)
    answer = {
        "cpu": spent() - cpu,
        "wall": time.perf_counter() - begun,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "rows": len(current),
        "version": version(package),
    }
    print("\n" + json.dumps(answer))
