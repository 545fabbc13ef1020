import { describe, expect, test } from '@jest/globals';
import { readSettings } from '../../scorecards/diagnostics/read.ts';
import { settingsSchema } from '../../scorecards/settings.ts';

describe('CO1: the operator’s prices', () => {
  test('are absent unless somebody writes them', () => {
    expect(settingsSchema.parse({}).prices).toBeUndefined();
  });

  test('name a currency; what has no price of its own costs nothing, but for accelerators', () => {
    expect(settingsSchema.parse({ prices: { currency: 'EUR', gpuHour: { 'nvidia.com/gpu': 2.5 } } }).prices).toEqual({
      currency: 'EUR',
      gpuHour: { 'nvidia.com/gpu': 2.5 },
      cpuCoreHour: 0,
      gibHour: 0,
    });
  });

  test.each([
    ['prices: { cpuCoreHour: 0.04 }', 'prices'],
    ['prices: { currency: euro }', 'prices.currency'],
    ['prices: { currency: EUR, gpuHour: { nvidia.com/gpu: -1 } }', 'prices.gpuHour'],
    ['prices: { currency: EUR, gpuHours: 1 }', 'prices.gpuHours'],
  ])('are refused at the very field that is wrong: %s', (text, field) => {
    const { diagnostics } = readSettings(text, 'understudy.config.yaml');
    expect(diagnostics.map(({ path }) => path)).toEqual([expect.stringContaining(field)]);
  });
});

describe('copies of data in S3', () => {
  test('are kept for thirty days after they were last asked for, unless somebody says otherwise', () => {
    expect(settingsSchema.parse({}).s3.keep).toBe(30 * 86_400_000);
    expect(settingsSchema.parse({ s3: { keep: '7d' } }).s3.keep).toBe(7 * 86_400_000);
  });

  test('must be kept for longer than a run reads them', () => {
    const { diagnostics } = readSettings('s3: { keep: 6h }', 'understudy.config.yaml');
    expect(diagnostics).toEqual([
      expect.objectContaining({
        code: 'US0106',
        path: 's3.keep',
        message: '"6h" is out of range, expected at least 1d',
      }),
    ]);
  });
});
