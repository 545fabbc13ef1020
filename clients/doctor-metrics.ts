import type { PreflightFinding } from '../activities/ports/preflight.ts';
import { PortFailure } from '../activities/ports/port-failure.ts';
import type { SettingsFile } from '../workers/settings-file.ts';
import { ANSWER_MS } from './patience.ts';

/** Whether the Prometheus of the settings answers, and whether any of its rules could tell of an incident. */
export async function metricsCheck(file: SettingsFile): Promise<PreflightFinding[]> {
  const { prometheus } = file.settings;
  if (prometheus === undefined) return [];
  // Half of the product comes with the wiring: loaded only for whoever needs it.
  const { wireMetrics } = await import('../workers/wiring.ts');
  const { metrics } = wireMetrics(file);
  const about = {
    name: 'prometheus',
    next: 'correct prometheus.url and prometheus.tokenFile in understudy.config.yaml',
  };
  if (metrics === undefined) return [];
  try {
    const answer = await metrics.ask({ query: '1', at: new Date().toISOString(), timeoutMs: ANSWER_MS });
    if (answer.kind === 'absent') return [{ ...about, state: 'problem', text: `${prometheus.url}: ${answer.why}` }];
    const rules = await metrics.alertRules({ timeoutMs: ANSWER_MS });
    const text = `${prometheus.url} answers, alerting rules: ${rules}`;
    return [{ name: about.name, state: 'ok', text }];
  } catch (error) {
    if (!(error instanceof PortFailure)) throw error;
    return [{ ...about, state: 'problem', text: error.message }];
  }
}
