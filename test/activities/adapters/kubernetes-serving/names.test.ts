import { describe, expect, test } from '@jest/globals';
import { readyAddresses } from '../../../../activities/adapters/kubernetes-serving/endpoints.ts';
import { exchangeName, serverName } from '../../../../activities/adapters/kubernetes-serving/names.ts';

const SERVICE_NAME = /^[a-z]([-a-z0-9]{0,50}[a-z0-9])?$/;

describe('what a server is called', () => {
  test('model and version, where a Service can be called so', () => {
    expect(serverName('flights-late', '17')).toBe('flights-late-v17');
  });

  test.each([
    ['7-eleven', '1'],
    ['Flights', '1'],
    ['m'.repeat(40), '123456789012'],
    ['flights', '1.2.3'],
    ['---', '…'],
    ['a', `${'9'.repeat(60)}`],
  ])('%s v%s is a name of a Service, and no other is called so', (model, version) => {
    expect(serverName(model, version)).toMatch(SERVICE_NAME);
    expect(serverName(model, version)).not.toBe(serverName(model, `${version}0`));
    expect(serverName(model, version)).not.toBe(serverName(`${model}a`, version));
  });

  test('what differs only in what a name cannot hold stays apart', () => {
    expect(serverName('flights', '1.2')).not.toBe(serverName('flights', '1-2'));
    expect(exchangeName('a', '1')).toMatch(/^[a-z0-9-]{1,52}$/);
    expect(exchangeName('a-v1', '1')).not.toBe(exchangeName('a', 'v1-1'));
  });
});

describe('where the pods of a server answer', () => {
  const slice = (endpoints: readonly object[], addressType = 'IPv4') => ({
    addressType,
    ports: [{ name: 'http', port: 8080 }],
    endpoints: endpoints as never,
  });

  test('ready ones, each once, in a steady order', () => {
    const ready = { conditions: { ready: true } };
    const slices = [
      slice([
        { addresses: ['10.0.0.2'], ...ready },
        { addresses: ['10.0.0.1'], ...ready },
      ]),
      slice([{ addresses: ['10.0.0.1'], ...ready }]),
      slice([{ addresses: ['fd00::1'], ...ready }], 'IPv6'),
    ];
    expect(readyAddresses(slices)).toEqual(['http://10.0.0.1:8080', 'http://10.0.0.2:8080', 'http://[fd00::1]:8080']);
  });

  test('not those that are starting, leaving or unknown', () => {
    const endpoints = [
      { addresses: ['10.0.0.1'], conditions: { ready: false } },
      { addresses: ['10.0.0.2'], conditions: { ready: true, terminating: true } },
      { addresses: ['10.0.0.3'] },
    ];
    expect(readyAddresses([slice(endpoints), { addressType: 'IPv4', endpoints: [] }])).toEqual([]);
  });
});
