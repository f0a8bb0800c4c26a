/** The IndexedDB database of all recorders of an origin, and its requests as promises. */

export const DATABASE = "synapseai-recorder";
export const STORES = ["recordings", "keys", "pieces", "audio", "tails"] as const;
export type StoreName = (typeof STORES)[number];

/** Open the database; create it at the first use. */
export async function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => {
    const database = request.result;
    database.createObjectStore("recordings", { keyPath: "recorderId" });
    database.createObjectStore("keys");
    // Beside their metadata, so that these are listed without the audio.
    database.createObjectStore("pieces", { keyPath: ["recorderId", "number"] });
    database.createObjectStore("audio");
    database.createObjectStore("tails");
  };
  const database = await result(request);
  // A later version of the app upgrades the database: this page must not block it.
  database.onversionchange = () => {
    database.close();
  };
  return database;
}

/** The result of a request. Rejects with its error. */
export async function result<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => {
      resolve(request.result);
    };
    request.onerror = () => {
      reject(request.error ?? new DOMException("The request failed.", "UnknownError"));
    };
  });
}

/** Makes the requests of a transaction. */
type Write = (store: (name: StoreName) => IDBObjectStore) => void;

/** Change the database in one transaction. Resolves when it is on the disk; rejects if nothing of it was written. */
export async function change(database: IDBDatabase, write: Write): Promise<void> {
  const transaction = database.transaction(STORES, "readwrite", { durability: "strict" });
  const done = new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => {
      resolve();
    };
    transaction.onabort = () => {
      reject(transaction.error ?? new DOMException("The transaction was aborted.", "AbortError"));
    };
  });
  write((name) => transaction.objectStore(name));
  await done;
}

/** All keys that begin with this one. */
export function below(recorderId: string): IDBKeyRange {
  return IDBKeyRange.bound([recorderId], [recorderId, []]);
}
