import { describe, expect, test } from '@jest/globals';
import { PortFailure } from '../../../../activities/ports/port-failure.ts';
import { serviceOf } from '../../../../activities/adapters/httproute/service-ref.ts';

const of = (url: string) => serviceOf({ version: '7', url }, 'champion');

describe('the Service behind a backend', () => {
  test.each([
    ['http://churn-v7.models:8080', 8080],
    ['http://churn-v7.models.svc:8080/', 8080],
    ['http://churn-v7.models.svc.cluster.local', 80],
  ])('%s is churn-v7 in models', (url, port) => {
    expect(of(url)).toEqual({ name: 'churn-v7', namespace: 'models', port });
  });

  test.each([
    'http://127.0.0.1:9101',
    'http://churn-v7:8080',
    'https://churn-v7.models:8443',
    'http://churn-v7.models:8080/v2',
    'http://churn.example.com',
    'nowhere',
  ])('%s is no Service, and the message says what to write', (url) => {
    expect(() => of(url)).toThrow(PortFailure);
    expect(() => of(url)).toThrow(/the champion's address .* expected http:\/\/<service>\.<namespace>:<port>/);
  });
});
