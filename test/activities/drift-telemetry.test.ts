import { expect, test } from '@jest/globals';
import { tellWindow } from '../../activities/drift-telemetry.ts';
import { createTelemetry } from '../../workers/telemetry.ts';
import { createDriftWorld } from './drift-world.ts';

test('MO5: a judged window is exported with its word, its rows, its tests and the feature that moved first', async () => {
  const world = await createDriftWorld([
    { name: 'x', type: 'continuous' },
    { name: 'g', type: 'categorical' },
  ]);
  try {
    for (const day of ['2001-01-01', '2001-01-02'])
      await world.write(day, 500, "(hash(i) % 1000) / 1e3 as x, 'c' || i % 3 as g");
    for (const day of ['2001-01-03', '2001-01-04'])
      await world.write(day, 300, "(hash(i) % 1000) / 1e3 + 2 as x, 'c' || i % 3 as g");
    const telemetry = createTelemetry();
    tellWindow(telemetry, 'churn', await world.judge());
    const lines = (await telemetry.registry.metrics()).split('\n');
    expect(lines).toContain('understudy_drift_verdict{model="churn"} 3');
    expect(lines).toContain('understudy_drift_rows{model="churn",side="current"} 600');
    expect(lines).toContain('understudy_drift_rows{model="churn",side="baseline"} 1000');
    expect(lines).toContain('understudy_drift_features_breached{model="churn"} 1');
    expect(lines).toContain('understudy_drift_score{model="churn",test="ks"} 1');
    expect(
      lines.filter((line) => line.startsWith('understudy_drift_feature_ratio')).map((line) => line.split('"')[3]),
    ).toEqual(['x', 'g']);
  } finally {
    await world.close();
  }
});
