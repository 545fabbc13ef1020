"""
Pulls observations and labels out of PostgreSQL for `spec.data.pull.command`, as they were known at as-of.

    data:
      pull: { command: [python, pull.py, "service=warehouse"] }

It needs `psql` and pyarrow. Where the server is and who asks belongs to libpq: `~/.pg_service.conf` and `~/.pgpass`, never the
policy. The query is yours; what counts is that every condition on time uses as_of: a row that was recorded or corrected later
was not known, and a model must not learn from it.
"""

import hashlib
import json
import os
import subprocess
import sys

import pyarrow.csv as csv
import pyarrow.parquet as pq

USAGE, DATA, DEPENDENCY = 64, 65, 69

OBSERVATIONS = """
    SELECT id, seen_at AS seen, amount, country
    FROM purchases
    WHERE seen_at >= :'from' AND seen_at < :'until' AND recorded_at <= :'as_of'
"""
# Of each purchase what was known of it at as-of; the day is that of the purchase.
LABELS = """
    SELECT DISTINCT ON (id) p.seen_at::date AS day, p.id, r.returned AS y, r.recorded_at AS known_at
    FROM purchases p JOIN returns r USING (id)
    WHERE p.seen_at >= :'from' AND p.seen_at < :'until' AND r.recorded_at <= :'as_of'
    ORDER BY id, r.recorded_at DESC
"""


def main():
    if len(sys.argv) != 2:
        leave(USAGE, "usage: pull.py CONNECTION, such as service=warehouse")
    with open(os.environ["UNDERSTUDY_SPEC"], encoding="utf-8") as file:
        spec = json.load(file)
    output = spec["output"]
    at = lambda name: os.path.join(output, name)
    os.makedirs(output, exist_ok=True)

    # One transaction, so that observations and labels are of the same moment, and read-only, so that nothing can go wrong.
    script = "\n".join(
        [
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;",
            "SET LOCAL TIME ZONE 'UTC';",
            f"\\o '{at('observations.csv')}'",
            f"COPY ({OBSERVATIONS}) TO STDOUT WITH (FORMAT csv, HEADER);",
            f"\\o '{at('labels.csv')}'",
            f"COPY ({LABELS}) TO STDOUT WITH (FORMAT csv, HEADER);",
            f"\\o '{at('state')}'",
            "SELECT current_database(), pg_current_wal_lsn();",
            "COMMIT;",
        ]
    )
    psql(sys.argv[1], script, {"from": spec["span"]["from"], "until": spec["span"]["until"], "as_of": spec["asOf"]})

    observations = csv.read_csv(at("observations.csv"))
    labels = csv.read_csv(at("labels.csv"))
    if observations.num_rows == 0:
        leave(DATA, f"no purchase between {spec['span']['from']} and {spec['span']['until']}")
    with open(at("state"), encoding="utf-8") as file:
        database, position = file.read().strip().split("|")
    for name in ("observations.csv", "labels.csv", "state"):
        os.remove(at(name))

    answer = {
        "mode": "pull",
        "observations": [write(output, "observations/all.parquet", observations)],
        "labels": [],
        "sources": [{"uri": f"postgresql:{database}/{table}", "version": position} for table in ("purchases", "returns")],
    }
    days = labels.column("day").to_pylist()
    for day in sorted(set(days)):
        of_day = labels.filter([one == day for one in days]).drop_columns(["day"])
        answer["labels"].append(write(output, f"labels/day={day}/all.parquet", of_day))
    with open(at("result.json"), "w", encoding="utf-8") as file:
        json.dump(answer, file)


def psql(connection, script, variables):
    """Runs the script; what it says goes into the log of the run."""
    options = [word for name, value in variables.items() for word in ("--set", f"{name}={value}")]
    command = ["psql", "--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set", "ON_ERROR_STOP=1", *options]
    done = subprocess.run([*command, "--no-password", connection], input=script, text=True, check=False)
    if done.returncode == 2:
        leave(DEPENDENCY, "PostgreSQL could not be reached, or the connection broke")
    if done.returncode != 0:
        leave(DATA, "PostgreSQL refused the query")


def write(output, name, table):
    path = os.path.join(output, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    pq.write_table(table, path)
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"path": name, "sha256": digest, "rows": table.num_rows}


def leave(code, message):
    print(message, file=sys.stderr)
    sys.exit(code)


main()
