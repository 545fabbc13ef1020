from cost import measure
from nannyml import UnivariateDriftCalculator


def work(reference, current, task):
    calculator = UnivariateDriftCalculator(
        column_names=[name for name in task["columns"] if name != "ts"],
        timestamp_column_name="ts",
        chunk_period="D",
    )
    calculator.fit(reference)
    calculator.calculate(current).to_df()


measure("nannyml", work)
