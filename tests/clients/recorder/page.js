// The page of an app that records. `window.call` has the calls of the test; `window.tap`, of the driver, gets each block
// of audio as the worklet gave it, before any code of the recorder.
import { Recorder } from "/dist/index.js";

const NativeNode = window.AudioWorkletNode;
let stretches = 0;

window.AudioWorkletNode = class extends NativeNode {
  constructor(context, ...rest) {
    super(context, ...rest);
    const stretch = `${performance.timeOrigin}-${++stretches}`;
    this.port.addEventListener("message", ({ data }) => {
      if (data !== null) {
        const bytes = new Uint8Array(data.buffer.slice(0));
        window.tap(stretch, context.sampleRate, btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")));
      }
    });
  }
};

const nativeGetUserMedia = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
let stream = null;
navigator.mediaDevices.getUserMedia = async (constraints) => (stream = await nativeGetUserMedia(constraints));

const wakeLocks = [];
const nativeLock = navigator.wakeLock.request.bind(navigator.wakeLock);
navigator.wakeLock.request = async (type) => {
  const lock = await nativeLock(type);
  wakeLocks.push(lock);
  return lock;
};

const nativePut = IDBObjectStore.prototype.put;

let recorder = null;
let events = [];
let refreshes = 0;

const names = ["state", "piece", "receipt", "refused", "storage", "device", "reachable", "wakeLock"];
/** How many events of each name came, and the last one. */
window.seen = Object.fromEntries(names.map((name) => [name, 0]));
window.last = {};
const on = Object.fromEntries(
  names.map((name) => [
    name,
    (event) => {
      events.push([name, event]);
      window.seen[name] += 1;
      window.last[name] = event;
    },
  ]),
);
const token = async ({ refresh }) => sessionStorage.idToken ?? `token-${(refreshes += Number(refresh))}`;
const summary = () => ({ state: recorder.state, samples: Math.round(recorder.seconds * 16000), id: recorder.id });

async function described(promise) {
  try {
    await promise;
    return { ...summary(), error: null };
  } catch (error) {
    return { ...(recorder ? summary() : {}), error: error.name, reason: error.reason ?? null };
  }
}

async function contents() {
  const database = await new Promise((resolve) => {
    const request = indexedDB.open("synapseai-recorder");
    request.onsuccess = () => resolve(request.result);
  });
  const counts = {};
  for (const name of database.objectStoreNames) {
    const request = database.transaction(name).objectStore(name).getAll();
    counts[name] = await new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
  }
  database.close();
  return counts;
}

window.call = {
  /** Use this token of a user from now on. */
  signIn(idToken) {
    sessionStorage.idToken = idToken;
  },

  async start(api, options) {
    const all = { api, sessionId: "s1", token, on, pieceSeconds: 2, ...options };
    return described(Recorder.start(all).then((made) => (recorder = made)));
  },

  async reopen(api) {
    const [found] = await Recorder.unfinished();
    return described(Recorder.resume(found.recorderId, { api, token, on }).then((made) => (recorder = made)));
  },

  async resume() {
    return described(recorder.resume());
  },

  /** Record with another one of the microphones. */
  async changeDevice() {
    const { deviceId } = stream.getAudioTracks()[0].getSettings();
    const inputs = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === "audioinput");
    const other = inputs.find((input) => ![deviceId, "default", "communications"].includes(input.deviceId));
    return { ...(await described(recorder.useDevice(other.deviceId))), label: other.label };
  },

  async useDevice(deviceId) {
    return described(recorder.useDevice(deviceId));
  },

  /** The screen locks that this page holds: the browser's own, not what the recorder believes. */
  wakeLocks() {
    return wakeLocks.filter(({ released }) => !released).length;
  },

  async pause() {
    return described(recorder.pause());
  },

  async finish() {
    return described(recorder.finish());
  },

  async discard() {
    return described(recorder.discard());
  },

  async retry() {
    return described(recorder.retryRefused());
  },

  summary,

  /** The events since the last call. */
  events() {
    const seen = events;
    events = [];
    return seen;
  },

  /** The numbers of the pieces in the store, and their audio as a WAV file in base64. */
  async left() {
    const bytes = new Uint8Array(await (await recorder.export()).arrayBuffer());
    const wav = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
    return { pieces: (await recorder.unsent()).map(({ number, refused }) => [number, refused]), wav };
  },

  async counts() {
    return Object.fromEntries(Object.entries(await contents()).map(([name, values]) => [name, values.length]));
  },

  /** What protects the audio in the store. */
  async protection() {
    const { keys, audio, tails } = await contents();
    const exported = await crypto.subtle.exportKey("raw", keys[0]).then(() => "exported", (error) => error.name);
    const ivs = [...audio, ...tails].map(({ iv }) => String(iv));
    const fields = new Set([...audio, ...tails].flatMap((one) => Object.keys(one)));
    return { exported, unique: new Set(ivs).size === ivs.length, sealed: ivs.length, fields: [...fields].sort() };
  },

  /** The browser says that the device is gone. */
  loseDevice() {
    const [track] = stream.getAudioTracks();
    track.stop();
    track.dispatchEvent(new Event("ended"));
  },

  /** From now on the disk is full, or has room again. */
  fill(full) {
    IDBObjectStore.prototype.put = full
      ? function () {
          throw new DOMException("The quota has been exceeded.", "QuotaExceededError");
        }
      : nativePut;
  },
};
