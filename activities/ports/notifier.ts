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
  /** Of a run that has ended: where its report is. All of it stands in `text`, too. */
  readonly report?: NotifiedReport;
}

export interface NotifiedReport {
  /** Prints the report as one page. */
  readonly command: string;
  /** Pages that show the run. */
  readonly links: readonly { readonly name: string; readonly url: string }[];
  /** The scorecard's result in the evidence store, when the scorecard let nothing pass. */
  readonly result?: { readonly sha256: string; readonly uri: string };
  /** A sentence for each finding that did not pass, worst first. */
  readonly failed: readonly string[];
}
