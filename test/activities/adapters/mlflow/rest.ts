/** MLflow's bare REST API, beside our client: what a server really says, and what others write into it. */
export interface Rest {
  get(path: string, query?: Readonly<Record<string, string>>): Promise<Heard>;
  send(method: string, path: string, body: unknown): Promise<Heard>;
}

export interface Heard {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  /** The parsed body; undefined when it is no JSON. */
  readonly json: unknown;
}

export function restOf(uri: string): Rest {
  const address = (path: string): string => `${uri}/api/2.0/mlflow/${path}`;
  return {
    get: async (path, query = {}) =>
      await hear(await fetch(`${address(path)}?${new URLSearchParams(query).toString()}`)),
    send: async (method, path, body) =>
      await hear(
        await fetch(address(path), {
          method,
          headers: { 'content-type': 'application/json' },
          body: typeof body === 'string' ? body : JSON.stringify(body),
        }),
      ),
  };
}

async function hear(answer: Response): Promise<Heard> {
  const text = await answer.text();
  return { status: answer.status, type: answer.headers.get('content-type') ?? '', text, json: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
