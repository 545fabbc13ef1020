"""A team's program for data.pull: a made-up table of one row an hour, known as of a moment, handed in as Parquet."""

import datetime
import hashlib
import json
import os
import sys

import pyarrow as pa
import pyarrow.parquet as pq

spec = json.load(open(os.environ["UNDERSTUDY_SPEC"]))
fault = sys.argv[1] if len(sys.argv) > 1 else ""
if spec["mode"] != "pull":
    sys.exit(64)
if fault == "exit-69":
    print("the database is away")
    sys.exit(69)
if fault == "hang":
    import time

    time.sleep(600)


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).replace(tzinfo=None)


def write(name, columns):
    path = os.path.join(spec["output"], name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    pq.write_table(pa.table(columns), path)
    digest = hashlib.sha256(open(path, "rb").read()).hexdigest()
    return {"path": name, "sha256": "0" * 64 if fault == "wrong-digest" else digest, "rows": len(columns["id"])}


since, until = moment(spec["span"]["from"]), moment(spec["span"]["until"])
# It forgets the condition on as-of: an hour after it there are still rows.
hours = [since + datetime.timedelta(hours=i) for i in range(int((until - since).total_seconds() // 3600) + 2)]
ids = [hour.isoformat() for hour in hours]
columns = spec["columns"]
observations = {"id": ids, columns["time"]: hours, "x": [float(i) for i in range(len(ids))]}
answer = {"mode": "pull", "observations": [write("observations/all.parquet", observations)], "labels": []}
names = spec["labels"]
for day in sorted({hour.date() for hour in hours}):
    those = [hour for hour in hours if hour.date() == day]
    answer["labels"].append(
        write(
            f"labels/day={day}/part.parquet",
            {
                names["id"]: [hour.isoformat() for hour in those],
                names["label"]: [hour.hour % 2 for hour in those],
                names["availableAt"]: [hour + datetime.timedelta(hours=1) for hour in those],
            },
        )
    )
answer["sources"] = [{"uri": "table://hours", "version": "7"}]
with open(os.path.join(spec["output"], "result.json"), "w") as file:
    json.dump(answer, file)
