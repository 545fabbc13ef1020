from cost import measure
from evidently import Report
from evidently.presets import DataDriftPreset


def work(reference, current, task):
    report = Report([DataDriftPreset(columns=[name for name in task["columns"] if name != "ts"])])
    report.run(current, reference).dict()


measure("evidently", work)
