// Keys of completion servers, in VS Code's secret storage. A key belongs to one origin: a changed address never gets the
// key of another server.
import type * as vscode from 'vscode';

export interface ServerKeys {
  /** The key for a server's address; undefined when none is stored or the address is no address. */
  get(url: string): Promise<string | undefined>;
  store(url: string, key: string): Promise<void>;
  remove(url: string): Promise<void>;
}

const PREFIX = 'localModel.server.key ';

/** 'http://127.0.0.1:8080' of any address below it; undefined when the text is no http address. */
export function serverOrigin(url: string): string | undefined {
  try {
    const { origin, protocol } = new URL(url);
    return protocol === 'http:' || protocol === 'https:' ? origin : undefined;
  } catch {
    return undefined;
  }
}

export function createServerKeys(secrets: vscode.SecretStorage): ServerKeys {
  const nameOf = (url: string): string | undefined => {
    const origin = serverOrigin(url);
    return origin === undefined ? undefined : PREFIX + origin;
  };
  return {
    get: async (url) => {
      const name = nameOf(url);
      return name === undefined ? undefined : await secrets.get(name);
    },
    store: async (url, key) => {
      const name = nameOf(url);
      if (name !== undefined) await secrets.store(name, key);
    },
    remove: async (url) => {
      const name = nameOf(url);
      if (name !== undefined) await secrets.delete(name);
    },
  };
}
