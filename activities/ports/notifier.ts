/** Tells people. An outage of the notifier never holds a run. */
export interface Notifier {
  notify(message: Notification): Promise<void>;
}

export interface Notification {
  /** The same key is the same incident: sinks deduplicate by it. */
  readonly key: string;
  readonly severity: 'page' | 'ticket' | 'info';
  readonly model: string;
  readonly run?: string;
  readonly title: string;
  readonly text: string;
}
